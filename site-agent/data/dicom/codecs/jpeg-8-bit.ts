import sharp from 'sharp';
import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';

/**
 * JPEG with 8 bits, by libjpeg-turbo: grey as it is; colours as RGB, whatever they were coded in.
 * @returns [rows · columns · samples], the samples of a pixel beside each other
 */
export async function decodeJpeg8(bytes: Uint8Array, format: PixelFormat): Promise<Uint16Array> {
  const { rows, columns, samples } = format;
  const pixels = await sharp(bytes, { failOn: 'error', limitInputPixels: rows * columns })
    .toColourspace(samples === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new DicomRefusal('The coded image is damaged.', { cause });
    });
  const { width, height, channels } = pixels.info;
  if (width !== columns || height !== rows || channels !== samples)
    throw new DicomRefusal(
      `The coded image is ${width}×${height}×${channels}, the header says ${columns}×${rows}×${samples}.`,
    );
  return new Uint16Array(pixels.data);
}
