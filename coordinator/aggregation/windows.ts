import type { ModelLayout, TensorLayout } from './model-layout.js';

/** Elements [begin, end) of a tensor. */
export interface TensorSlice {
  readonly tensor: TensorLayout;
  readonly begin: number;
  readonly end: number;
}

/** Neighbouring slices of a model that are worked on at the same time. */
export type Window = readonly TensorSlice[];

/** With sums of 8 bytes a number and a result of 4 a window of this many numbers takes 25 MB. */
export const WINDOW_ELEMENTS = 2 * 1024 * 1024;

/** Numbers of all updates together, 32 MB, that a rule may hold which must see them side by side. */
const HELD_ELEMENTS = 8 * 1024 * 1024;

/** So short that what is held of `updates` updates takes the same memory, however many they are. */
export function heldWindowElements(updates: number): number {
  return Math.max(1, Math.min(WINDOW_ELEMENTS, Math.floor(HELD_ELEMENTS / Math.max(1, updates))));
}

/** All of a model in windows of exactly `elements` numbers, the last one excepted. A tensor may be cut. */
export function windowsOf(model: ModelLayout, elements: number = WINDOW_ELEMENTS): Window[] {
  const windows: TensorSlice[][] = [];
  let room = 0;
  for (const tensor of model.tensors.values()) {
    let begin = 0;
    do {
      if (room === 0) {
        windows.push([]);
        room = elements;
      }
      const end = Math.min(tensor.elements, begin + room);
      windows.at(-1)?.push({ tensor, begin, end });
      room -= end - begin;
      begin = end;
    } while (begin < tensor.elements);
  }
  return windows;
}

export function elementsOf(window: Window): number {
  return window.reduce((sum, { begin, end }) => sum + end - begin, 0);
}
