import type { DataSet } from '../data-set.js';
import { lookUp, readLookupTable } from './lookup-table.js';

/** Stored value → the manufacturer-independent value that windows are given in. */
export type ModalityLut = (stored: number) => number;

/** PS3.3 C.11.1: the first item of the Modality LUT Sequence, else slope and intercept, else the value itself. */
export function readModalityLut(dataSet: DataSet, signed: boolean): ModalityLut {
  const [item] = dataSet.items('x00283000');
  const table = item === undefined ? null : readLookupTable(item, signed);
  if (table !== null) return (stored) => lookUp(table, stored);
  const slope = dataSet.decimal('x00281053') ?? 1;
  const intercept = dataSet.decimal('x00281052') ?? 0;
  if (slope === 0) return (stored) => stored; // says nothing; a slope cannot be zero
  return (stored) => stored * slope + intercept;
}
