import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';

/** Uncompressed samples as they lie in the file, in its order. @throws {DicomRefusal} when there are too few bytes */
export function readNative(bytes: Uint8Array, format: PixelFormat, bigEndian: boolean): Uint16Array {
  const { rows, columns, samples, bitsAllocated } = format;
  const count = rows * columns * samples;
  const needed = (count * bitsAllocated) / 8;
  if (bytes.length < needed)
    throw new DicomRefusal(`The pixels have ${bytes.length} bytes, ${needed} are needed.`);
  if (bitsAllocated === 8) return Uint16Array.from(bytes.subarray(0, count));
  const values = new Uint16Array(count);
  const [low, high] = bigEndian ? [1, 0] : [0, 1];
  for (let i = 0; i < count; i++)
    values[i] = (bytes[2 * i + low] as number) | ((bytes[2 * i + high] as number) << 8);
  return values;
}
