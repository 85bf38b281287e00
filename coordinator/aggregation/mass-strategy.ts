import { FederationError } from '@fedoxnet/shared/errors';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { MassRule } from './mass-rules.js';
import { classOfElement, type TensorLayout } from './model-layout.js';
import type { AggregationStrategy, TensorSum } from './strategy.js';

/** True for a prototype that no site has filled yet. */
function isZeroRow(base: Float32Array, row: number, classOf: (index: number) => number): boolean {
  return base.every((value, index) => value === 0 || classOf(index) !== row);
}

/** Σ m·Δ in float64, by element, where one mass holds for the whole tensor or one for each class. */
class MassSum implements TensorSum {
  readonly #layout: TensorLayout;
  readonly #prototypeDecay: number;
  readonly #classOf: (index: number) => number;
  /** One row for each update: [1] or [K] masses. */
  readonly #masses: readonly Float64Array[];
  readonly #deltas: Float64Array;

  constructor(
    layout: TensorLayout,
    classes: number,
    masses: readonly Float64Array[],
    prototypeDecay: number,
    storage: Float64Array,
  ) {
    this.#layout = layout;
    this.#prototypeDecay = prototypeDecay;
    this.#classOf = classOfElement(layout, classes);
    this.#masses = masses;
    this.#deltas = storage.fill(0);
  }

  add(update: number, offset: number, values: Float32Array): void {
    if (offset + values.length > this.#layout.elements) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `The model has no place ${this.#layout.name}[${offset}…].`,
      );
    }
    const masses = this.#masses[update] as Float64Array;
    const deltas = this.#deltas;
    if (masses.length === 1) {
      const mass = masses[0] as number;
      for (let index = 0; index < values.length; index += 1) {
        deltas[offset + index] = (deltas[offset + index] as number) + mass * (values[index] as number);
      }
      return;
    }
    for (let index = 0; index < values.length; index += 1) {
      const at = offset + index;
      const mass = masses[this.#classOf(at)] as number;
      deltas[at] = (deltas[at] as number) + mass * (values[index] as number);
    }
  }

  finish(base: Float32Array): void {
    const steps = this.#steps(base);
    const deltas = this.#deltas;
    const whole = steps.length === 1 ? (steps[0] as number) : null;
    for (let at = 0; at < base.length; at += 1) {
      const step = whole ?? (steps[this.#classOf(at)] as number);
      base[at] = (base[at] as number) + step * (deltas[at] as number);
    }
  }

  /** What Σ m·Δ is multiplied with: 1 / Σ m, and for prototypes that follow slowly (1 − β) / Σ m. */
  #steps(base: Float32Array): Float64Array {
    const total = new Float64Array(this.#masses[0]?.length ?? 0);
    for (const masses of this.#masses) {
      for (const [row, mass] of masses.entries()) total[row] = (total[row] as number) + mass;
    }
    return total.map((mass, row) => {
      if (mass === 0) return 0;
      if (this.#layout.role.module !== 'prototypes') return 1 / mass;
      return (isZeroRow(base, row, this.#classOf) ? 1 : 1 - this.#prototypeDecay) / mass;
    });
  }
}

/**
 * Weighted mean of deltas, W + Σ mΔ / Σ m, with the mass of every tensor or class row given by `rule`. Where nobody
 * brings mass the value stays. Prototypes then follow slowly, P ← β P + (1 − β) mean; one that is still all zero is
 * replaced at once.
 * @param prototypeDecay β in [0, 1]
 */
export function massStrategy(rule: MassRule, prototypeDecay: number): AggregationStrategy {
  return {
    sum(tensor, classes, masses, storage) {
      if (masses.length === 0) {
        throw new FederationError('ROUND_WITHOUT_UPDATES', 'There is no update to take the mean of.');
      }
      const rows = masses.map((one: UpdateMasses) => {
        const mass = rule(tensor.role, one);
        return typeof mass === 'number' ? Float64Array.of(mass) : Float64Array.from(mass);
      });
      return new MassSum(tensor, classes, rows, prototypeDecay, storage);
    },
  };
}
