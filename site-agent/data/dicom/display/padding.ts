import type { DataSet } from '../data-set.js';
import type { PixelFormat } from '../pixel-format.js';

/** Stored values that are no film: from Pixel Padding Value to Pixel Padding Range Limit (PS3.3 C.7.5.1.1.2). */
export interface Padding {
  readonly low: number;
  readonly high: number;
}

export function readPadding(dataSet: DataSet, { signed }: PixelFormat): Padding | null {
  const read = (tag: 'x00280120' | 'x00280121') => (signed ? dataSet.int16(tag) : dataSet.uint16(tag));
  const value = read('x00280120');
  if (value === null) return null;
  const limit = read('x00280121') ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}
