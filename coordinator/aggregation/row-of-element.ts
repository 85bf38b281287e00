import { classOfElement } from './model-layout.js';
import type { TensorSlice } from './windows.js';

/** The row of masses that an element of a slice belongs to: its class, or 0 where one mass holds for all. */
export function rowOfElement(slice: TensorSlice, classes: number, rows: number): (at: number) => number {
  if (rows === 1) return () => 0;
  const classOf = classOfElement(slice.tensor, classes);
  return (at) => classOf(slice.begin + at);
}
