import * as tf from '@tensorflow/tfjs-core';

/** Deterministic numbers in (−scale, scale) without a pattern that a network could cancel. */
export function waves(length: number, phase: number, scale = 1): Float32Array {
  return Float32Array.from({ length }, (_, i) => scale * Math.sin(1.7 * i + 0.013 * i * i + phase));
}

/** max |a − b| over two tensors of the same shape. */
export function largestDifference(a: tf.Tensor, b: tf.Tensor): number {
  if (a.shape.join() !== b.shape.join()) {
    throw new Error(`shapes [${a.shape.join()}] and [${b.shape.join()}] differ`);
  }
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);
}
