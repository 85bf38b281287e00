import { FederationError } from '../errors.js';
import type { WeightArray, WeightMap } from '../weights/weight-map.js';
import type { UpdateStep } from './update-step.js';

/** ‖Δ‖₂ over every number of every tensor, summed in float64. */
export function deltaNorm(delta: WeightMap): number {
  let squares = 0;
  for (const { values } of delta.values()) {
    for (const value of values) squares += value * value;
  }
  return Math.sqrt(squares);
}

/**
 * Bounds what one site can say in one round: Δ ← Δ · min(1, C / ‖Δ‖₂), the norm taken over the whole delta.
 * McMahan et al. 2018, "Learning Differentially Private Recurrent Language Models", arXiv:1710.06963, flat clipping.
 * Prototypes are a part of it. The result is never longer than C.
 * @param maxNorm C > 0
 * @throws {FederationError} `TRAINING_DIVERGED` when the delta holds a number that is not finite
 */
export function clipUpdate(maxNorm: number): UpdateStep {
  if (!(maxNorm > 0)) throw new RangeError(`maxNorm is ${maxNorm}, not above 0`);
  return (update, { site, round }) => {
    const norm = deltaNorm(update.delta);
    if (!Number.isFinite(norm)) {
      throw new FederationError(
        'TRAINING_DIVERGED',
        `The update of ${site} in round ${round} is not finite.`,
      );
    }
    if (norm <= maxNorm) return update;
    // Each number is rounded to float32, by 2⁻²⁴ of itself at most.
    const factor = (maxNorm / norm) * (1 - 2 ** -23);
    const delta = new Map<string, WeightArray>();
    for (const [name, { shape, values }] of update.delta) {
      delta.set(name, { shape, values: values.map((value) => value * factor) });
    }
    return { ...update, delta };
  };
}
