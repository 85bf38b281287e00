import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';

const HEADER_BYTES = 64;

/**
 * RLE Lossless, PS3.5 annex G: a header of 16 numbers (count of segments and where each begins), then one run-length
 * coded segment per byte of a sample, most significant byte first.
 * @returns [rows · columns · samples], the samples of a pixel beside each other
 */
export function decodeRle(bytes: Uint8Array, format: PixelFormat): Uint16Array {
  const { rows, columns, samples, bitsAllocated } = format;
  const bytesPerSample = bitsAllocated / 8;
  const segments = samples * bytesPerSample;
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || header.getUint32(0, true) !== segments)
    throw new DicomRefusal(`The RLE data do not have the ${segments} segments of this format.`);
  const pixels = rows * columns;
  const values = new Uint16Array(pixels * samples);
  const plane = new Uint8Array(pixels);
  for (let segment = 0; segment < segments; segment++) {
    const start = header.getUint32(4 * (segment + 1), true);
    const end = segment + 1 < segments ? header.getUint32(4 * (segment + 2), true) : bytes.length;
    if (start < HEADER_BYTES || end < start || end > bytes.length)
      throw new DicomRefusal('An RLE segment lies outside the data.');
    unpack(bytes, start, end, plane);
    const sample = Math.floor(segment / bytesPerSample);
    const shift = 8 * (bytesPerSample - 1 - (segment % bytesPerSample));
    for (let i = 0, at = sample; i < pixels; i++, at += samples)
      values[at] = (values[at] as number) | ((plane[i] as number) << shift);
  }
  return values;
}

/** PackBits: n ≥ 0 means n + 1 bytes follow, n < 0 means the next byte 1 − n times, −128 nothing. */
function unpack(bytes: Uint8Array, start: number, end: number, target: Uint8Array): void {
  let from = start;
  let to = 0;
  while (from < end && to < target.length) {
    const n = ((bytes[from++] as number) << 24) >> 24;
    if (n === -128) continue;
    if (n >= 0) {
      const length = Math.min(n + 1, end - from, target.length - to);
      target.set(bytes.subarray(from, from + length), to);
      from += n + 1;
      to += length;
    } else if (from < end) {
      const length = Math.min(1 - n, target.length - to);
      target.fill(bytes[from++] as number, to, to + length);
      to += length;
    }
  }
  if (to < target.length) throw new DicomRefusal('An RLE segment ends early.');
}
