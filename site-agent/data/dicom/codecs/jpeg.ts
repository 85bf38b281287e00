import { DicomRefusal } from '../dicom-refusal.js';
import { readJpegFrame, readJpegKind, type JpegKind } from '../jpeg/frame.js';
import { decodeLosslessJpeg } from '../jpeg/lossless.js';
import { decodeSequentialDct } from '../jpeg/sequential-dct.js';
import type { PixelFormat } from '../pixel-format.js';
import { decodeJpeg8 } from './jpeg-8-bit.js';

/** Numbers of the frame markers SOFn. */
const EXTENDED = 1;
const PROGRESSIVE = 2;
const LOSSLESS = 3;

/**
 * JPEG of every process that DICOM names; the frame header says which. Files are found whose transfer syntax says
 * baseline and whose bytes are lossless.
 */
export async function decodeJpeg(bytes: Uint8Array, format: PixelFormat): Promise<Uint16Array> {
  const kind = readJpegKind(bytes);
  checkSize(kind, format);
  if (kind.precision === 8 && kind.process <= PROGRESSIVE) return decodeJpeg8(bytes, format);
  if (kind.components !== 1) throw new DicomRefusal('Colour JPEG is supported with 8 bits and DCT only.');
  if (kind.process === LOSSLESS && kind.precision >= 2 && kind.precision <= 16)
    return decodeLosslessJpeg(readJpegFrame(bytes));
  if (kind.process <= EXTENDED && kind.precision === 12) return decodeSequentialDct(readJpegFrame(bytes));
  throw new DicomRefusal(`JPEG process ${kind.process} with ${kind.precision} bits is not supported.`);
}

function checkSize({ rows, columns, components }: JpegKind, format: PixelFormat): void {
  if (rows === format.rows && columns === format.columns && components === format.samples) return;
  throw new DicomRefusal(
    `The coded image is ${columns}×${rows}×${components}, the header says ${format.columns}×${format.rows}×${format.samples}.`,
  );
}
