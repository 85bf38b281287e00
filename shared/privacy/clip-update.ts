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
 * The result may exceed C by float32 rounding alone.
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
    const factor = maxNorm / norm;
    const delta = new Map<string, WeightArray>();
    for (const [name, { shape, values }] of update.delta) {
      delta.set(name, { shape, values: values.map((value) => value * factor) });
    }
    return { ...update, delta };
  };
}
