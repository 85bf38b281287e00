import type * as tf from '@tensorflow/tfjs-core';

/**
 * x ⋆ K, the linear part of a convolution, as one way of computing it: forward and both gradients. `kept` is what the
 * gradients need of x.
 */
export interface Correlation {
  /** x → what the other three work on. */
  prepare(x: tf.Tensor4D): tf.Tensor;
  /** x ⋆ K + bias, then ReLU if `rectified`. */
  forward(kept: tf.Tensor, kernel: tf.Tensor4D, bias: tf.Tensor | undefined, rectified: boolean): tf.Tensor4D;
  /** dL/dx from g = dL/d(x ⋆ K). */
  inputGradient(g: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor;
  /** dL/dK. */
  kernelGradient(kept: tf.Tensor, g: tf.Tensor4D): tf.Tensor;
}
