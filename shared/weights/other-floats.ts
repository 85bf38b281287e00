import type { Dtype } from './dtype.js';
import { floatsFromBytes } from './float-bytes.js';
import { floatOfHalf } from './half.js';

/** The types of `Dtype` that hold real numbers. */
export type FloatDtype = Extract<Dtype, 'F64' | 'F32' | 'F16' | 'BF16'>;

const READERS: Readonly<Record<FloatDtype, (bytes: Uint8Array) => Float32Array>> = {
  F64: fromFloat64,
  F32: floatsFromBytes,
  F16: (bytes) => fromHalves(bytes, floatOfHalf),
  BF16: (bytes) => fromHalves(bytes, bfloat16Value),
};

export function isFloatDtype(dtype: Dtype): dtype is FloatDtype {
  return Object.hasOwn(READERS, dtype);
}

/** Little-endian bytes of any real type to float32. Exact but for F64, which is rounded. Always a copy. */
export function floatsFromDtype(bytes: Uint8Array, dtype: FloatDtype): Float32Array {
  return READERS[dtype](bytes);
}

function fromFloat64(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 8 }, (_, i) => view.getFloat64(i * 8, true));
}

function fromHalves(bytes: Uint8Array, valueOf: (bits: number) => number): Float32Array {
  const values = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < values.length; i++) values[i] = valueOf(bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
  return values;
}

const word = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function bfloat16Value(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}
