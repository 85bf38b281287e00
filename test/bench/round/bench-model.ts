import { open } from 'node:fs/promises';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import { safetensorsHeader } from '@fedoxnet/shared/weights/safetensors-header';

export const ARRAYS = 64;

/** Lengths of the 64 arrays that hold `params` numbers, as equal as they can be. */
export function arrayLengths(params: number): number[] {
  const least = Math.floor(params / ARRAYS);
  return Array.from({ length: ARRAYS }, (_, index) => least + (index < params % ARRAYS ? 1 : 0));
}

/** Names and shapes of the tensors of a bench's model. */
export function benchShapes(params: number): Map<string, number[]> {
  return new Map(
    arrayLengths(params).map((length, index) => [`layer-${String(index).padStart(2, '0')}`, [length]]),
  );
}

/** Writes a model of `params` small numbers in 64 flat arrays, all of the backbone. */
export async function writeBenchModel(path: string, params: number): Promise<void> {
  const shapes = benchShapes(params);
  const roles: TensorRoles = Object.fromEntries(
    [...shapes.keys()].map((name) => [name, { module: 'backbone' }]),
  );
  const file = await open(path, 'w');
  try {
    await file.write(safetensorsHeader(shapes, { roles: JSON.stringify(roles) }));
    for (const [length = 0] of shapes.values()) {
      await file.write(bytesFromFloats(Float32Array.from({ length }, (_, at) => ((at % 1000) - 500) / 1000)));
    }
  } finally {
    await file.close();
  }
}
