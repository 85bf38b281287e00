import * as tf from '@tensorflow/tfjs-core';

/** Below it the loss is quadratic (oxnet.md §2.1). */
export const SMOOTH_L1_BETA = 1 / 9;

/**
 * Smooth L1 on the box code of matched anchors (oxnet.md §2.1):
 *
 *   REG = Σ_i w_i Σ_{4} ℓ(|t_i − t̂_i|),   ℓ(d) = d²/(2β) for d ≤ β, else d − β/2
 *
 * Written with q = min(d, β) as q²/(2β) + (d − q), because a comparison inside a loss cuts TensorFlow.js's tape.
 * @param deltas  [B, N, 4] predicted code
 * @param rows    [P] int32, anchor n of film b as b · N + n
 * @param targets [P, 4] code of the matched boxes
 * @param weights [P] 1 / (4 · positive anchors of the film · films), which makes it the mean over films of the mean
 *                    over coordinates
 * @returns scalar. The caller disposes it.
 */
export function boxRegressionLoss(
  deltas: tf.Tensor3D,
  rows: tf.Tensor1D,
  targets: tf.Tensor2D,
  weights: tf.Tensor1D,
): tf.Scalar {
  return tf.tidy(() => {
    const predicted = tf.gather(tf.reshape(deltas, [-1, 4]), rows); // [P, 4]
    const distance = tf.abs(tf.sub(predicted, targets));
    const inner = tf.minimum(distance, SMOOTH_L1_BETA);
    const smooth = tf.add(tf.mul(tf.square(inner), 0.5 / SMOOTH_L1_BETA), tf.sub(distance, inner));
    return tf.sum(tf.mul(smooth, tf.expandDims(weights, 1)));
  });
}
