import type { DataSet } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';
import { decodeJpegLs } from './codecs/jpeg-ls.js';
import { decodeJpeg } from './codecs/jpeg.js';
import { decodeJpeg2000 } from './codecs/jpeg-2000.js';
import { readNative } from './codecs/native.js';
import { decodeRle } from './codecs/rle.js';
import type { PixelFormat } from './pixel-format.js';
import type { TransferSyntax } from './transfer-syntax.js';

/**
 * Decodes the pixel data of a file.
 * @returns [rows · columns · samples] the stored bits of each sample, 0 … 2^bitsStored − 1: a signed sample as two's
 *   complement of that many bits. Colours lie beside each other unless `format.planar` and uncompressed.
 * @throws {DicomRefusal} when they are missing, damaged, or not what the header says
 */
export async function decodeStoredPixels(
  dataSet: DataSet,
  syntax: TransferSyntax,
  format: PixelFormat,
): Promise<Uint16Array> {
  const bytes = pixelBytes(dataSet, syntax);
  const samples = await decode(bytes, syntax, format);
  const [shift, mask] = storedBits(syntax, format);
  if (shift !== 0 || mask !== 0xffff)
    for (let i = 0; i < samples.length; i++) samples[i] = ((samples[i] as number) >> shift) & mask;
  return samples;
}

function decode(
  bytes: Uint8Array,
  { coding, bigEndian }: TransferSyntax,
  format: PixelFormat,
): Uint16Array | Promise<Uint16Array> {
  switch (coding) {
    case 'native':
      return readNative(bytes, format, bigEndian);
    case 'rle':
      return decodeRle(bytes, format);
    case 'jpeg':
      return decodeJpeg(bytes, format);
    case 'jpeg-ls':
      return decodeJpegLs(bytes, format);
    case 'jpeg-2000':
      return decodeJpeg2000(bytes, format);
  }
}

/** Bits above and below the stored ones may hold anything; coded images hold the sample alone. */
function storedBits(
  { coding }: TransferSyntax,
  { highBit, bitsStored, bitsAllocated }: PixelFormat,
): [shift: number, mask: number] {
  const placed = coding === 'native' || coding === 'rle';
  if (placed && bitsStored === bitsAllocated) return [0, 0xffff]; // there are no such bits
  return [placed ? highBit + 1 - bitsStored : 0, 2 ** bitsStored - 1];
}

/** The element's value, or all fragments of an encapsulated film put together. */
function pixelBytes(dataSet: DataSet, { coding }: TransferSyntax): Uint8Array {
  const element = dataSet.element('x7fe00010');
  if (element === null) throw new DicomRefusal('The file has no pixel data.');
  const { bytes } = dataSet;
  if (coding === 'native') {
    if (element.encapsulatedPixelData === true)
      throw new DicomRefusal('The pixel data are coded, the transfer syntax says they are not.');
    return bytes.subarray(element.dataOffset, element.dataOffset + element.length);
  }
  const fragments = element.fragments ?? [];
  if (fragments.length === 0) throw new DicomRefusal('The file has no pixel data.');
  const parts = fragments.map(({ position, length }) => bytes.subarray(position, position + length));
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}
