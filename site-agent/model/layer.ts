import type * as tf from '@tensorflow/tfjs-core';

/** A built layer: a function over its declared parameters. [B, H, W, C] → [B, H', W', C']. */
export type Layer = (x: tf.Tensor4D) => tf.Tensor4D;

/** `x` through `layers`, first to last. */
export function chain(layers: readonly Layer[]): Layer {
  return (x) => layers.reduce((value, layer) => layer(value), x);
}
