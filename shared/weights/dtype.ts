import { endianness } from 'node:os';
import { floatsFromBytes } from './float-bytes.js';
import { floatOfHalf } from './half.js';

/** Bytes of one number of each type that safetensors knows and another program's file may hold. */
export const DTYPE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type Dtype = keyof typeof DTYPE_BYTES;

/** Types in which our own weights travel. */
export const WEIGHT_DTYPES = ['F32', 'F16', 'I8'] as const satisfies readonly Dtype[];
export type WeightDtype = (typeof WEIGHT_DTYPES)[number];

export function isWeightDtype(dtype: Dtype): dtype is WeightDtype {
  return (WEIGHT_DTYPES as readonly Dtype[]).includes(dtype);
}

const hostIsLittleEndian = endianness() === 'LE';

/**
 * Little-endian numbers of a file as float32, which holds all of them exactly.
 * @param dtype one of `WEIGHT_DTYPES`
 * @param bytes a whole number of them
 * @returns a view of `bytes` where that is possible, else a copy: valid as long as `bytes` is, and only to be read
 */
export function numbersFromBytes(dtype: Dtype, bytes: Uint8Array): Float32Array {
  switch (dtype) {
    case 'F32':
      return hostIsLittleEndian && bytes.byteOffset % 4 === 0
        ? new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
        : floatsFromBytes(bytes);
    case 'F16': {
      const values = new Float32Array(bytes.byteLength / 2);
      for (let index = 0; index < values.length; index += 1) {
        const half = (bytes[2 * index] as number) | ((bytes[2 * index + 1] as number) << 8);
        values[index] = floatOfHalf(half);
      }
      return values;
    }
    case 'I8':
      return Float32Array.from(new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    default:
      throw new TypeError(`${dtype} is none of ${WEIGHT_DTYPES.join(', ')}`);
  }
}
