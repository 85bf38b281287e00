import { DicomRefusal } from '../dicom-refusal.js';
import type { JpegFrame } from './frame.js';
import { BitReader, type HuffmanTable } from './huffman.js';

/**
 * Lossless JPEG (process 14), ITU T.81 annex H: each sample is predicted from its neighbours a (left), b (above) and
 * c (above left), and the difference modulo 2^16 is Huffman coded.
 * @returns [rows · columns]
 * @throws {DicomRefusal} when the data are damaged or end early
 */
export function decodeLosslessJpeg(frame: JpegFrame): Uint16Array {
  const { rows, columns, precision, selection, pointTransform, restartInterval, dc, stretches } = frame;
  if (dc === null || selection < 1 || selection > 7 || pointTransform >= precision)
    throw new DicomRefusal('The lossless JPEG scan has no table or no predictor.');
  if (restartInterval % columns !== 0) throw new DicomRefusal('The lossless JPEG data restart within a row.');
  const rowsPerStretch = restartInterval === 0 ? rows : restartInterval / columns;
  const values = new Uint16Array(rows * columns);
  for (let begin = 0, index = 0; begin < rows; begin += rowsPerStretch, index++) {
    const stretch = stretches[index];
    if (stretch === undefined) throw new DicomRefusal('The JPEG data end early.');
    const reader = new BitReader(stretch);
    firstRow(values, begin * columns, columns, 1 << (precision - pointTransform - 1), reader, dc);
    const end = Math.min(rows, begin + rowsPerStretch);
    for (let row = begin + 1; row < end; row++)
      laterRow(values, row * columns, columns, selection, reader, dc);
  }
  if (pointTransform > 0)
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) << pointTransform;
  return values;
}

/** H.1.2.1: after the start value every sample of the first row is predicted by its left neighbour. */
function firstRow(
  values: Uint16Array,
  from: number,
  columns: number,
  start: number,
  reader: BitReader,
  table: HuffmanTable,
): void {
  let left = start;
  for (let at = from; at < from + columns; at++) {
    values[at] = left + readDifference(reader, table);
    left = values[at] as number;
  }
}

/** The first sample of a later row is predicted by the one above it. */
function laterRow(
  values: Uint16Array,
  from: number,
  columns: number,
  selection: number,
  reader: BitReader,
  table: HuffmanTable,
): void {
  let aboveLeft = values[from - columns] as number;
  let left = (aboveLeft + readDifference(reader, table)) & 0xffff;
  values[from] = left;
  for (let at = from + 1; at < from + columns; at++) {
    const above = values[at - columns] as number;
    left = (predict(selection, left, above, aboveLeft) + readDifference(reader, table)) & 0xffff;
    values[at] = left;
    aboveLeft = above;
  }
}

/** Table H.1. */
function predict(selection: number, a: number, b: number, c: number): number {
  switch (selection) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    default:
      return (a + b) >> 1;
  }
}

/** H.1.2.2: category 16 stands for 32,768 and has no further bits. */
function readDifference(reader: BitReader, table: HuffmanTable): number {
  const category = reader.symbol(table);
  if (category > 16) throw new DicomRefusal('The JPEG data are damaged.');
  return category === 16 ? 32_768 : reader.difference(category);
}
