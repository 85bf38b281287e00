import { DicomRefusal } from '../dicom-refusal.js';
import type { JpegFrame } from './frame.js';
import { BitReader, type HuffmanTable } from './huffman.js';
import { inverseDct } from './inverse-dct.js';

/** Where each zigzag place lies in an 8 × 8 block, row-major (ITU T.81 figure 5). */
const ZIGZAG = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
] as const;
/** Size and run of the AC symbol for 16 zeros; run 0 and size 0 ends a block. */
const SIXTEEN_ZEROS = 0xf0;

/**
 * Sequential DCT with Huffman coding (baseline and extended, ITU T.81 annex F), one grey component of 8 or 12 bits.
 * The common libraries for Node decode 8 bits only.
 * @returns [rows · columns]
 * @throws {DicomRefusal} when the data are damaged or end early
 */
export function decodeSequentialDct(frame: JpegFrame): Uint16Array {
  const { rows, columns, precision, quantisation, dc, ac, restartInterval, stretches } = frame;
  if (quantisation === null || dc === null || ac === null)
    throw new DicomRefusal('The JPEG image lacks a table.');
  const across = Math.ceil(columns / 8);
  const blocks = across * Math.ceil(rows / 8);
  const perStretch = restartInterval === 0 ? blocks : restartInterval;
  const values = new Uint16Array(rows * columns);
  const coefficients = new Int32Array(64);
  const samples = new Int32Array(64);
  for (let begin = 0, index = 0; begin < blocks; begin += perStretch, index++) {
    const stretch = stretches[index];
    if (stretch === undefined) throw new DicomRefusal('The JPEG data end early.');
    const reader = new BitReader(stretch);
    let predicted = 0;
    for (let block = begin; block < Math.min(blocks, begin + perStretch); block++) {
      predicted = readBlock(reader, dc, ac, predicted, quantisation, coefficients);
      inverseDct(coefficients, precision, samples);
      place(samples, Math.floor(block / across) * 8, (block % across) * 8, values, rows, columns);
    }
  }
  return values;
}

/** F.2.2: one block, dequantised. @returns the DC value that predicts the next block's */
function readBlock(
  reader: BitReader,
  dc: HuffmanTable,
  ac: HuffmanTable,
  predicted: number,
  quantisation: Uint16Array,
  coefficients: Int32Array,
): number {
  coefficients.fill(0);
  const category = reader.symbol(dc);
  if (category > 15) throw new DicomRefusal('The JPEG data are damaged.');
  const value = predicted + reader.difference(category);
  coefficients[0] = value * (quantisation[0] as number);
  for (let k = 1; k < 64; k++) {
    const symbol = reader.symbol(ac);
    const size = symbol & 15;
    if (size === 0) {
      if (symbol !== SIXTEEN_ZEROS) break;
      k += 15;
      continue;
    }
    k += symbol >> 4;
    if (k > 63) throw new DicomRefusal('The JPEG data are damaged.');
    coefficients[ZIGZAG[k] as number] = reader.difference(size) * (quantisation[k] as number);
  }
  return value;
}

function place(
  samples: Int32Array,
  top: number,
  left: number,
  values: Uint16Array,
  rows: number,
  columns: number,
): void {
  const height = Math.min(8, rows - top);
  const width = Math.min(8, columns - left);
  for (let y = 0; y < height; y++) {
    const to = (top + y) * columns + left;
    for (let x = 0; x < width; x++) values[to + x] = samples[8 * y + x] as number;
  }
}
