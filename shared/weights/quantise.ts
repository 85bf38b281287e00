import { FederationError } from '../errors.js';
import { halfOfFloat, LARGEST_HALF } from './half.js';
import { LARGEST_CODE, scaleCount, type ScaleGroup } from './update-encoding.js';

/** Codes of one tensor and the scales they count in. */
export interface QuantisedTensor {
  readonly codes: Int8Array;
  readonly scales: Float32Array;
}

/** In [0, 1). Rounding up happens with the probability of the fraction, so the mean over many roundings is exact. */
export type Rounding = 'nearest' | (() => number);

/** Largest |value| of each scale's group, divided by the largest code; 0 where all are 0. */
function scalesOf(values: Float32Array, count: number): Float32Array {
  const scales = new Float32Array(count);
  for (let index = 0; index < values.length; index += 1) {
    const magnitude = Math.abs(values[index] as number);
    if (magnitude > (scales[index % count] as number)) scales[index % count] = magnitude;
  }
  return scales.map((largest) => largest / LARGEST_CODE);
}

/**
 * Symmetric uniform quantisation to 8 bits (Jacob et al. 2018, arXiv:1712.05877, without a zero point). Nearest: ties
 * away from zero, the error is at most half a scale. Random: below one scale.
 * @param values row-major, finite
 * @throws {FederationError} `WEIGHTS_INVALID` when one of them is not finite
 */
export function quantise(
  name: string,
  values: Float32Array,
  shape: readonly number[],
  group: ScaleGroup,
  rounding: Rounding,
): QuantisedTensor {
  const count = scaleCount(shape, group);
  const scales = scalesOf(values, count);
  const codes = new Int8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const scale = scales[index % count] as number;
    const exact = scale === 0 ? 0 : (values[index] as number) / scale;
    if (!Number.isFinite(exact)) {
      throw new FederationError('WEIGHTS_INVALID', `Tensor ${name} holds a number that is not finite.`);
    }
    const code =
      rounding === 'nearest'
        ? Math.sign(exact) * Math.floor(Math.abs(exact) + 0.5)
        : Math.floor(exact + rounding());
    // A scale that was rounded down to float32 can push the largest one over.
    codes[index] = Math.max(-LARGEST_CODE, Math.min(LARGEST_CODE, code));
  }
  return { codes, scales };
}

/**
 * Half precision, each number rounded to the nearest.
 * @throws {FederationError} `WEIGHTS_INVALID` when one of them is not finite or beyond ±65504
 */
export function halvesOf(name: string, values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (!(Math.abs(value) <= LARGEST_HALF)) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `Tensor ${name} holds ${value}, which half precision cannot.`,
      );
    }
    halves[index] = halfOfFloat(value);
  }
  return halves;
}
