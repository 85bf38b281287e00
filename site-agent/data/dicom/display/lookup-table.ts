import type { DataSet } from '../data-set.js';

/** An item of a Modality LUT or VOI LUT Sequence (PS3.3 C.11.1.1.1, C.11.2.1.1). */
export interface LookupTable {
  /** The input that takes the first entry; smaller inputs take it too, those past the end the last one. */
  readonly first: number;
  /** Outputs lie in 0 … 2^bits − 1. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/**
 * @param signed whether inputs can be negative, for files whose VR does not say
 * @returns null when the item is not a usable table
 */
export function readLookupTable(item: DataSet, signed: boolean): LookupTable | null {
  const descriptor = item.element('x00283002');
  const data = item.element('x00283006');
  const [count, bits] = [item.uint16('x00283002', 0), item.uint16('x00283002', 2)];
  if (descriptor === null || data === null || count === null || bits === null) return null;
  const isSigned = descriptor.vr === 'SS' || (descriptor.vr !== 'US' && signed);
  const first = (isSigned ? item.int16('x00283002', 1) : item.uint16('x00283002', 1)) ?? 0;
  const length = count === 0 ? 65_536 : count;
  if (bits < 8 || bits > 16) return null;
  if (data.length >= 2 * length)
    return { first, bits, entries: Uint16Array.from({ length }, (_, i) => item.uint16('x00283006', i) ?? 0) };
  if (bits > 8 || data.length < length) return null;
  const bytes = item.bytes.subarray(data.dataOffset, data.dataOffset + length);
  return { first, bits, entries: Uint16Array.from(bytes) };
}

export function lookUp({ first, entries }: LookupTable, value: number): number {
  const index = Math.max(0, Math.min(entries.length - 1, Math.round(value) - first));
  return entries[index] as number;
}
