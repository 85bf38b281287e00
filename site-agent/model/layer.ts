import type * as tf from '@tensorflow/tfjs-core';
import type { CellList } from './neighbours.js';

/**
 * A built layer: a function over its declared parameters. [B, H, W, C] → [B, H', W', C'].
 * With `cells`, x is [B, 1, cells, C]: several maps as one list, which only convolutions understand.
 */
export type Layer = (x: tf.Tensor4D, cells?: CellList) => tf.Tensor4D;

/** `x` through `layers`, first to last. */
export function chain(layers: readonly Layer[]): Layer {
  return (x, cells) => layers.reduce((value, layer) => layer(value, cells), x);
}
