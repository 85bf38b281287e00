import { open } from 'node:fs/promises';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import { safetensorsHeader } from '@fedoxnet/shared/weights/safetensors';

export const ARRAYS = 64;

/** Lengths of the 64 arrays that hold `params` numbers, as equal as they can be. */
export function arrayLengths(params: number): number[] {
  const least = Math.floor(params / ARRAYS);
  return Array.from({ length: ARRAYS }, (_, index) => least + (index < params % ARRAYS ? 1 : 0));
}

/** Writes a model of `params` small numbers in 64 flat arrays, all of the backbone. */
export async function writeBenchModel(path: string, params: number): Promise<void> {
  const lengths = arrayLengths(params);
  const names = lengths.map((_, index) => `layer-${String(index).padStart(2, '0')}`);
  const roles: TensorRoles = Object.fromEntries(names.map((name) => [name, { module: 'backbone' }]));
  const shapes = new Map(names.map((name, index) => [name, [lengths[index] as number]]));
  const file = await open(path, 'w');
  try {
    await file.write(safetensorsHeader(shapes, { roles: JSON.stringify(roles) }));
    for (const length of lengths) {
      await file.write(bytesFromFloats(Float32Array.from({ length }, (_, at) => ((at % 1000) - 500) / 1000)));
    }
  } finally {
    await file.close();
  }
}
