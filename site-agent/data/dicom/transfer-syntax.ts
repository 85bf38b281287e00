import { DicomRefusal } from './dicom-refusal.js';

/** How the pixels of a film are coded. `jpeg` covers lossy and lossless: the frame header in the bytes says which. */
export type PixelCoding = 'native' | 'rle' | 'jpeg' | 'jpeg-ls' | 'jpeg-2000';

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly coding: PixelCoding;
  /** Byte order of uncompressed 16-bit pixels. */
  readonly bigEndian: boolean;
}

const native = (uid: string, name: string, bigEndian = false): TransferSyntax => ({
  uid,
  name,
  coding: 'native',
  bigEndian,
});
const coded = (uid: string, name: string, coding: PixelCoding): TransferSyntax => ({
  uid,
  name,
  coding,
  bigEndian: false,
});

/** PS3.5 annex A and PS3.6 table A-1: those in which X-ray films are stored. */
export const TRANSFER_SYNTAXES: readonly TransferSyntax[] = [
  native('1.2.840.10008.1.2', 'Implicit VR Little Endian'),
  native('1.2.840.10008.1.2.1', 'Explicit VR Little Endian'),
  native('1.2.840.10008.1.2.1.99', 'Deflated Explicit VR Little Endian'),
  native('1.2.840.10008.1.2.2', 'Explicit VR Big Endian', true),
  coded('1.2.840.10008.1.2.5', 'RLE Lossless', 'rle'),
  coded('1.2.840.10008.1.2.4.50', 'JPEG Baseline', 'jpeg'),
  coded('1.2.840.10008.1.2.4.51', 'JPEG Extended', 'jpeg'),
  coded('1.2.840.10008.1.2.4.57', 'JPEG Lossless', 'jpeg'),
  coded('1.2.840.10008.1.2.4.70', 'JPEG Lossless, First-Order Prediction', 'jpeg'),
  coded('1.2.840.10008.1.2.4.80', 'JPEG-LS Lossless', 'jpeg-ls'),
  coded('1.2.840.10008.1.2.4.81', 'JPEG-LS Near-Lossless', 'jpeg-ls'),
  coded('1.2.840.10008.1.2.4.90', 'JPEG 2000 Lossless', 'jpeg-2000'),
  coded('1.2.840.10008.1.2.4.91', 'JPEG 2000', 'jpeg-2000'),
];

const byUid = new Map(TRANSFER_SYNTAXES.map((syntax) => [syntax.uid, syntax]));

/** @throws {DicomRefusal} for a syntax that no film is read in */
export function transferSyntax(uid: string): TransferSyntax {
  const found = byUid.get(uid);
  if (found !== undefined) return found;
  // A damaged header may hold anything here, names included.
  const shown = /^[0-9.]{1,64}$/.test(uid) ? uid : 'of an impossible name';
  throw new DicomRefusal(`The transfer syntax ${shown} is not supported.`);
}
