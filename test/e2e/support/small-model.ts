import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';

/** A model file of tensors that no network has, all averaged by films. */
export function modelFile(weights: WeightMap): Uint8Array {
  const roles: TensorRoles = Object.fromEntries(
    [...weights.keys()].map((name) => [name, { module: 'backbone' }]),
  );
  return encodeSafetensors(weights, { roles: JSON.stringify(roles) });
}

/** One tensor of `count` numbers between −1 and 1, the same for the same seed (mulberry32). */
export function randomModel(count: number, seed: number): WeightMap {
  let state = seed;
  const values = Float32Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
  return new Map([['stem.weight', { shape: [count], values }]]);
}
