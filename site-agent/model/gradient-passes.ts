import * as tf from '@tensorflow/tfjs-core';

/** dL/dx of y = max(0, x), from y alone: dy where y > 0. One op where the backend has it, else dy ⊙ sign(y), as y ≥ 0. */
export function rectifierGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return own('ReluGrad', { dy, y }) ?? tf.mul(dy, tf.sign(y));
}

/**
 * Sum of every channel over films and cells, [B, H, W, C] → [C]: what a bias gets. The native op takes a fifth of the
 * time of a sum over three axes.
 */
export function channelSums(dy: tf.Tensor): tf.Tensor {
  return own('BiasAddGrad', { dy }) ?? tf.sum(dy, [0, 1, 2]);
}

/** The result of a kernel that only some backends have (`backend/native-kernels/`), undefined where there is none. */
function own(kernel: string, inputs: tf.NamedTensorMap): tf.Tensor | undefined {
  if (tf.getKernel(kernel, tf.getBackend()) === undefined) return undefined;
  return tf.engine().runKernel(kernel, inputs);
}
