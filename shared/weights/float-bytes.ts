import { endianness } from 'node:os';

/** Bytes of one float32. */
export const FLOAT_BYTES = 4;

const hostIsBigEndian = endianness() === 'BE';

/** Little-endian float32 bytes to numbers. Always a copy, because `bytes` need not be aligned. */
export function floatsFromBytes(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.byteLength / FLOAT_BYTES);
  const target = Buffer.from(values.buffer);
  target.set(bytes);
  if (hostIsBigEndian) target.swap32();
  return values;
}

/** Numbers to little-endian float32 bytes. On little-endian hosts a view of `values`, else a copy: only read it. */
export function bytesFromFloats(values: Float32Array): Uint8Array {
  const view = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return hostIsBigEndian ? Buffer.from(view).swap32() : view;
}
