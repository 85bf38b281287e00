import type { DataSet } from '../data-set.js';
import { lookUp, readLookupTable } from './lookup-table.js';

/** Value of interest → 0 … 1, before polarity. */
export type VoiLut = (value: number) => number;

const clamp = (y: number): number => (y <= 0 ? 0 : y >= 1 ? 1 : y);

/**
 * PS3.3 C.11.2.1.2.1: LINEAR, the default: the window's ends are c − 0.5 ∓ (w − 1) / 2.
 * @param width ≥ 1; 1 is a threshold
 */
export function linearWindow(center: number, width: number): VoiLut {
  if (width <= 1) return (x) => (x <= center - 0.5 ? 0 : 1);
  return (x) => clamp((x - (center - 0.5)) / (width - 1) + 0.5);
}

/** C.11.2.1.3.2: LINEAR_EXACT. @param width > 0 */
export function exactWindow(center: number, width: number): VoiLut {
  return (x) => clamp((x - center) / width + 0.5);
}

/** C.11.2.1.3.1: SIGMOID. @param width > 0 */
export function sigmoidWindow(center: number, width: number): VoiLut {
  return (x) => 1 / (1 + Math.exp((-4 * (x - center)) / width));
}

/**
 * What the file says of its own display. The first item of the VOI LUT Sequence wins over windows, since a
 * manufacturer's curve says more than a window; of several windows the first usable one counts.
 * @param signed whether modality values can be negative, for tables whose VR does not say
 * @returns null when the file says nothing usable
 */
export function readVoiLut(dataSet: DataSet, signed: boolean): VoiLut | null {
  const [item] = dataSet.items('x00283010');
  const table = item === undefined ? null : readLookupTable(item, signed);
  if (table !== null) {
    const most = 2 ** table.bits - 1;
    return (value) => clamp(lookUp(table, value) / most);
  }
  const centers = dataSet.decimals('x00281050');
  const widths = dataSet.decimals('x00281051');
  const kind = dataSet.string('x00281056') ?? 'LINEAR';
  const least = kind === 'LINEAR' ? 1 : Number.MIN_VALUE;
  const usable = centers.findIndex(
    (center, i) => Number.isFinite(center) && Number.isFinite(widths[i]) && (widths[i] as number) >= least,
  );
  if (usable === -1) return null;
  const [center, width] = [centers[usable] as number, widths[usable] as number];
  if (kind === 'SIGMOID') return sigmoidWindow(center, width);
  return kind === 'LINEAR_EXACT' ? exactWindow(center, width) : linearWindow(center, width);
}
