import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';

/** Uncompressed samples as they lie in the file, in its order. @throws {DicomRefusal} when there are too few bytes */
export function readNative(bytes: Uint8Array, format: PixelFormat, bigEndian: boolean): Uint16Array {
  const { rows, columns, samples, bitsAllocated } = format;
  const count = rows * columns * samples;
  const needed = (count * bitsAllocated) / 8;
  if (bytes.length < needed)
    throw new DicomRefusal(`The pixels have ${bytes.length} bytes, ${needed} are needed.`);
  if (bitsAllocated === 8) return new Uint16Array(bytes.subarray(0, count));
  const own = new Uint8Array(bytes.subarray(0, needed)); // where 16 bits may begin: in the file they lie anywhere
  if (bigEndian) Buffer.from(own.buffer).swap16();
  return new Uint16Array(own.buffer); // every machine that Node runs on is little-endian
}
