import type { ModelLayout, TensorLayout } from './model-layout.js';

/** Elements [begin, end) of a tensor. */
export interface TensorSlice {
  readonly tensor: TensorLayout;
  readonly begin: number;
  readonly end: number;
}

/** Neighbouring slices of a model that are worked on at the same time. */
export type Window = readonly TensorSlice[];

/** The most numbers of a window: with sums of 8 bytes a number and a result of 4 that is 25 MB. */
export const WINDOW_ELEMENTS = 2 * 1024 * 1024;

/** Numbers of all updates together, 32 MB, that a rule may hold which must see them side by side. */
const HELD_ELEMENTS = 8 * 1024 * 1024;

/** So short that what is held of `updates` updates takes no more memory, however many they are. A power of two, as chunks are. */
export function heldWindowElements(updates: number): number {
  const most = Math.min(WINDOW_ELEMENTS, HELD_ELEMENTS / Math.max(1, updates));
  return 2 ** Math.max(0, Math.floor(Math.log2(most)));
}

/**
 * All of a model in windows of exactly `elements` numbers, the first and the last one excepted. A tensor may be cut.
 * @param first numbers of the first window, less than `elements`; 0 for as many as the others
 */
export function windowsOf(model: ModelLayout, elements: number, first: number): Window[] {
  const windows: TensorSlice[][] = [];
  let room = 0;
  for (const tensor of model.tensors.values()) {
    let begin = 0;
    do {
      if (room === 0) {
        windows.push([]);
        room = windows.length === 1 && first > 0 ? first : elements;
      }
      const end = Math.min(tensor.elements, begin + room);
      windows.at(-1)?.push({ tensor, begin, end });
      room -= end - begin;
      begin = end;
    } while (begin < tensor.elements);
  }
  return windows;
}

/** Numbers of the longest window. */
export function longestOf(windows: readonly Window[]): number {
  return Math.max(0, ...windows.map(elementsOf));
}

export function elementsOf(window: Window): number {
  return window.reduce((sum, { begin, end }) => sum + end - begin, 0);
}
