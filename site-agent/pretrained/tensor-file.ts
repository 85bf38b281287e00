import { readFile } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { floatsFromDtype, isFloatDtype } from '@fedoxnet/shared/weights/other-floats';
import { parseSafetensorsHeader } from '@fedoxnet/shared/weights/safetensors-header';
import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';

/** A safetensors file that another program wrote; tensors are converted when they are asked for. */
export interface TensorFile {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * The tensor as float32.
   * @throws {FederationError} `WEIGHTS_INVALID` when it does not hold real numbers, or one that is not finite
   */
  tensor(name: string): WeightArray;
}

/**
 * Reads a safetensors file of float32, float16, bfloat16 or float64 tensors; others may lie beside them.
 * @throws {FederationError} `DATA_MISSING` when the file cannot be read, `WEIGHTS_INVALID` when it is not safetensors
 */
export async function readTensorFile(path: string): Promise<TensorFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const message = `The weights ${path} cannot be read (${(cause as Error).message}).`;
    throw new FederationError('DATA_MISSING', message, { cause });
  }
  const { tensors, dataStart, dataBytes } = inFile(path, () =>
    parseSafetensorsHeader(bytes, { anyDtype: true }),
  );
  if (bytes.length !== dataStart + dataBytes) {
    const message = `${path} has ${bytes.length} bytes; its header describes ${dataStart + dataBytes}.`;
    throw new FederationError('WEIGHTS_INVALID', message);
  }
  return {
    path,
    digest: digestOf(bytes),
    shapes: new Map([...tensors].map(([name, { shape }]) => [name, shape])),
    tensor(name) {
      const place = tensors.get(name);
      if (place === undefined) throw new FederationError('WEIGHTS_INVALID', `${path} lacks ${name}.`);
      const { dtype, shape, begin, end } = place;
      if (!isFloatDtype(dtype)) {
        const message = `${path}: ${name} is ${dtype}; F32, F16, BF16 and F64 can be read.`;
        throw new FederationError('WEIGHTS_INVALID', message);
      }
      const values = floatsFromDtype(bytes.subarray(dataStart + begin, dataStart + end), dtype);
      if (!values.every(Number.isFinite)) {
        const message = `${path}: ${name} holds a number that is not finite.`;
        throw new FederationError('WEIGHTS_INVALID', message);
      }
      return { shape, values };
    },
  };
}

/** Names the file in whatever its header is refused for. */
function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof FederationError)) throw cause;
    throw new FederationError(cause.code, `${path} is not a sound safetensors file: ${cause.message}`, {
      cause,
    });
  }
}
