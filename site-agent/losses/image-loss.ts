import * as tf from '@tensorflow/tfjs-core';

/**
 * Binary cross-entropy of the global head, the loss of the dual attention alignment (oxnet.md §2.2):
 *
 *   L_glob = Σ w · (softplus(s) − s z)
 *
 * Its gradient trains both branches, as s is the product of the global map X and the local attention R:
 * ds/dX = R and ds/dA_i = (X_i − s) / Σ A.
 * @param imageLogits [B, K] s, disease present in the film, before the sigmoid
 * @param labels      [B, K] z, 1 present, 0 absent
 * @param weights     [B, K] 1 / number of known labels in the batch; 0 where presence is unknown
 * @returns scalar. The caller disposes it.
 */
export function imageLoss(imageLogits: tf.Tensor2D, labels: tf.Tensor2D, weights: tf.Tensor2D): tf.Scalar {
  return tf.tidy(() =>
    tf.sum(tf.mul(weights, tf.sub(tf.softplus(imageLogits), tf.mul(imageLogits, labels)))),
  );
}
