import type { DataSet } from '../data-set.js';
import type { PixelFormat } from '../pixel-format.js';
import { readModalityLut } from './modality-lut.js';
import { readPadding } from './padding.js';
import { isInverse } from './polarity.js';
import { exactWindow, readVoiLut, type VoiLut } from './voi-lut.js';

/** Films without a window are shown from the darkest to the brightest of their values, but for this share at each end. */
const TAIL = 0.005;
/** A window that leaves less than this part of the grey scale to the middle 90 % of the film does not fit the film. */
const LEAST_SPREAD = 0.04;

/**
 * The display pipeline of PS3.4 N.2 for every stored value: Modality LUT, VOI LUT, then polarity. One look-up per pixel
 * does the rest. Padding becomes black.
 * @param histogram [2^bitsStored] pixels per stored bit pattern
 * @returns [2^bitsStored] grey 0 … 255 by bit pattern
 */
export function displayTable(dataSet: DataSet, format: PixelFormat, histogram: Uint32Array): Uint8Array {
  const { bitsStored, signed } = format;
  const modality = readModalityLut(dataSet, signed);
  const padding = readPadding(dataSet, format);
  const sign = signed ? 2 ** (bitsStored - 1) : Infinity;
  const stored = (code: number): number => (code < sign ? code : code - 2 * sign);
  const isFilm = (code: number): boolean => {
    if (padding === null) return true;
    const value = stored(code);
    return value < padding.low || value > padding.high;
  };
  const values = Float64Array.from(histogram, (_, code) => modality(stored(code)));
  const quantiles = filmQuantiles(values, histogram, isFilm);
  const voi = chooseVoi(readVoiLut(dataSet, signed), values, format, quantiles);
  const inverse = isInverse(dataSet, format.photometric);
  return Uint8Array.from(values, (value, code) => {
    if (!isFilm(code)) return 0;
    const grey = voi(value);
    return Math.round(255 * (inverse ? 1 - grey : grey));
  });
}

type Quantiles = (share: number) => number;

/** Quantiles of the modality values of the film's own pixels. */
function filmQuantiles(
  values: Float64Array,
  histogram: Uint32Array,
  isFilm: (code: number) => boolean,
): Quantiles {
  const codes = Array.from(histogram.keys()).filter((code) => histogram[code] !== 0 && isFilm(code));
  codes.sort((a, b) => (values[a] as number) - (values[b] as number));
  const total = codes.reduce((sum, code) => sum + (histogram[code] as number), 0);
  return (share) => {
    let left = share * total;
    for (const code of codes) {
      left -= histogram[code] as number;
      if (left < 0) return values[code] as number;
    }
    const last = codes.at(-1);
    return last === undefined ? 0 : (values[last] as number);
  };
}

function chooseVoi(
  own: VoiLut | null,
  values: Float64Array,
  { bitsStored }: PixelFormat,
  quantile: Quantiles,
): VoiLut {
  if (own !== null && Math.abs(own(quantile(0.95)) - own(quantile(0.05))) >= LEAST_SPREAD) return own;
  if (own === null && bitsStored <= 8) return wholeRange(values);
  const [low, high] = [quantile(TAIL), quantile(1 - TAIL)];
  return high > low ? exactWindow((low + high) / 2, high - low) : wholeRange(values);
}

/** All values that the bits can hold: what a viewer shows of 8 bits without a window. */
function wholeRange(values: Float64Array): VoiLut {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return exactWindow((low + high) / 2, high - low || 1);
}
