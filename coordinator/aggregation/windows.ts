import type { ModelLayout, TensorLayout } from './model-layout.js';

/**
 * Tensors of a model that are summed at the same time: neighbours, as many as fit. Sums take 8 bytes a number and the
 * result 4, whatever the number of sites.
 */
export type Window = readonly TensorLayout[];

/** A window of this many numbers takes 25 MB; a larger tensor is a window of its own. */
export const WINDOW_ELEMENTS = 2 * 1024 * 1024;

export function windowsOf(model: ModelLayout, elements: number = WINDOW_ELEMENTS): Window[] {
  const windows: TensorLayout[][] = [];
  let filled = Infinity;
  for (const tensor of model.tensors.values()) {
    if (filled + tensor.elements > elements) {
      windows.push([]);
      filled = 0;
    }
    windows.at(-1)?.push(tensor);
    filled += tensor.elements;
  }
  return windows;
}
