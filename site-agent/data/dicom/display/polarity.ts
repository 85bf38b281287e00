import type { DataSet } from '../data-set.js';
import type { Photometric } from '../pixel-format.js';

/**
 * Whether the display turns values around after the window. MONOCHROME1 means that the smallest value is white;
 * Presentation LUT Shape INVERSE says the same once more (PS3.3 C.8.11.3), never twice.
 */
export function isInverse(dataSet: DataSet, photometric: Photometric): boolean {
  return photometric === 'MONOCHROME1' || dataSet.string('x20500020') === 'INVERSE';
}
