import { FederationError } from '@fedoxnet/shared/errors';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { MassRule } from './mass-rules.js';
import { classOfElement, type ModelLayout, type TensorLayout } from './model-layout.js';
import type { AggregationStrategy } from './strategy.js';

/** Running sums of one tensor. */
interface TensorSum {
  readonly layout: TensorLayout;
  /** Σ m·Δ of every element, float64: the one accumulator, whose size is that of the model. */
  readonly deltas: Float64Array;
  /** Σ m: [1], or [K] where the masses go by class. */
  masses: Float64Array;
  /** Masses of the site whose slices come now, like `masses`. */
  current: Float64Array;
  readonly classOf: (index: number) => number;
}

export interface MassSum {
  readonly model: ModelLayout;
  readonly tensors: ReadonlyMap<string, TensorSum>;
  updates: number;
}

function tensorSum(layout: TensorLayout, classes: number): TensorSum {
  return {
    layout,
    deltas: new Float64Array(layout.elements),
    masses: new Float64Array(0),
    current: new Float64Array(0),
    classOf: classOfElement(layout, classes),
  };
}

function checkMasses(masses: UpdateMasses, classes: number): void {
  for (const field of ['classRows', 'globalRows', 'prototypeRows'] as const) {
    if (masses[field].length !== classes) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `The masses give ${masses[field].length} ${field} for ${classes} classes.`,
      );
    }
  }
}

/** True for a prototype that no site has filled yet. */
function isZeroRow(base: Float32Array, row: number, classOf: (index: number) => number): boolean {
  return base.every((value, index) => value === 0 || classOf(index) !== row);
}

/**
 * Weighted mean of deltas, W + Σ mΔ / Σ m, with the mass of every tensor or class row given by `rule`. Where nobody
 * brings mass the value stays. Prototypes then follow slowly, P ← β P + (1 − β) mean; one that is still all zero is
 * replaced at once.
 * @param prototypeDecay β in [0, 1]
 */
export function massStrategy(rule: MassRule, prototypeDecay: number): AggregationStrategy<MassSum> {
  return {
    begin(model) {
      const tensors = [...model.tensors].map(
        ([name, layout]) => [name, tensorSum(layout, model.classes)] as const,
      );
      return { model, tensors: new Map(tensors), updates: 0 };
    },

    beginUpdate(sum, masses) {
      checkMasses(masses, sum.model.classes);
      for (const tensor of sum.tensors.values()) {
        const mass = rule(tensor.layout.role, masses);
        tensor.current = typeof mass === 'number' ? Float64Array.of(mass) : Float64Array.from(mass);
        if (tensor.masses.length === 0) tensor.masses = new Float64Array(tensor.current.length);
        tensor.current.forEach((value, row) => {
          tensor.masses[row] = (tensor.masses[row] ?? 0) + value;
        });
      }
      sum.updates += 1;
      return sum;
    },

    add(sum, { tensor: name, offset, values }) {
      const tensor = sum.tensors.get(name);
      if (tensor === undefined || offset + values.length > tensor.layout.elements) {
        throw new FederationError('WEIGHTS_INVALID', `The model has no place ${name}[${offset}…].`);
      }
      const { deltas, current, classOf } = tensor;
      const whole = current.length === 1 ? (current[0] ?? 0) : null;
      for (let index = 0; index < values.length; index += 1) {
        const delta = values[index] as number;
        if (!Number.isFinite(delta)) {
          throw new FederationError('WEIGHTS_INVALID', `Tensor ${name} holds ${delta} at ${offset + index}.`);
        }
        const at = offset + index;
        const mass = whole ?? (current[classOf(at)] as number);
        deltas[at] = (deltas[at] as number) + mass * delta;
      }
      return sum;
    },

    finish(sum, name, base) {
      if (sum.updates === 0) {
        throw new FederationError('ROUND_WITHOUT_UPDATES', 'No update was added to the sum.');
      }
      const { layout, deltas, masses, classOf } = sum.tensors.get(name) as TensorSum;
      const step = Float64Array.from(masses, (mass, row) => {
        if (mass === 0) return 0;
        if (layout.role.module !== 'prototypes') return 1 / mass;
        return (isZeroRow(base, row, classOf) ? 1 : 1 - prototypeDecay) / mass;
      });
      const whole = step.length === 1 ? (step[0] ?? 0) : null;
      return base.map(
        (value, at) => value + (whole ?? (step[classOf(at)] as number)) * (deltas[at] as number),
      );
    },
  };
}
