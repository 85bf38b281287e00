import type { DataSet } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';

/** A larger film is a mistake or an attack: the largest detectors have 20 million pixels. */
export const MAX_PIXELS = 40_000_000;
const MIN_SIDE = 32;
const MAX_SIDE = 16_384;

const GREY = ['MONOCHROME1', 'MONOCHROME2'] as const;
const COLOUR = ['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_ICT', 'YBR_RCT'] as const;
const UNSUPPORTED = ['PALETTE COLOR', 'YBR_PARTIAL_420', 'HSV', 'ARGB', 'CMYK'];
export type Photometric = (typeof GREY)[number] | (typeof COLOUR)[number];

/** The Image Pixel module (PS3.3 C.7.6.3), checked. */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly samples: 1 | 3;
  readonly photometric: Photometric;
  /** Colours lie in three planes, not beside each other. */
  readonly planar: boolean;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
}

/** @throws {DicomRefusal} naming what is missing, impossible or not supported */
export function readPixelFormat(dataSet: DataSet): PixelFormat {
  const rows = required(dataSet.uint16('x00280010'), 'Rows');
  const columns = required(dataSet.uint16('x00280011'), 'Columns');
  checkSize(rows, columns);
  const frames = dataSet.decimal('x00280008') ?? 1;
  if (frames !== 1) throw new DicomRefusal(`The file holds ${frames} frames, not one film.`);

  const { samples, photometric } = readColours(dataSet);
  const bitsAllocated = required(dataSet.uint16('x00280100'), 'Bits Allocated');
  const bitsStored = dataSet.uint16('x00280101') ?? bitsAllocated;
  const highBit = dataSet.uint16('x00280102') ?? bitsStored - 1;
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    throw new DicomRefusal(`Pixels of ${bitsAllocated} allocated bits are not supported.`);
  if (bitsStored < 2 || bitsStored > bitsAllocated || highBit < bitsStored - 1 || highBit >= bitsAllocated)
    throw new DicomRefusal(`${bitsStored} bits up to bit ${highBit} do not fit ${bitsAllocated}.`);
  if (samples === 3 && bitsStored !== 8)
    throw new DicomRefusal(`Colours of ${bitsStored} bits are not supported.`);
  const signed = dataSet.uint16('x00280103') === 1;
  const planar = dataSet.uint16('x00280006') === 1;
  return { rows, columns, samples, photometric, planar, bitsAllocated, bitsStored, highBit, signed };
}

function readColours(dataSet: DataSet): Pick<PixelFormat, 'samples' | 'photometric'> {
  const name = dataSet.string('x00280004') ?? '';
  const samples = dataSet.uint16('x00280002') ?? 1;
  const grey = GREY.find((one) => one === name);
  if (grey !== undefined && samples === 1) return { samples, photometric: grey };
  const colour = COLOUR.find((one) => one === name);
  if (colour !== undefined && samples === 3) return { samples, photometric: colour };
  // A damaged header may hold anything here: only the standard's own words are repeated.
  const shown =
    UNSUPPORTED.find((one) => one === name) ?? grey ?? colour ?? 'This photometric interpretation';
  throw new DicomRefusal(`${shown} with ${samples} samples per pixel is not supported.`);
}

function checkSize(rows: number, columns: number): void {
  const [low, high] = [Math.min(rows, columns), Math.max(rows, columns)];
  if (low < MIN_SIDE || high > MAX_SIDE || rows * columns > MAX_PIXELS)
    throw new DicomRefusal(`${columns}×${rows} pixels is an impossible size of a film.`);
}

function required(value: number | null, name: string): number {
  if (value === null) throw new DicomRefusal(`${name} is missing.`);
  return value;
}
