import * as tf from '@tensorflow/tfjs-core';

/** Lin et al. 2017, §5.1: weight of lesion anchors; background gets 1 − α. */
export const FOCAL_ALPHA = 0.25;

/**
 * α-balanced focal loss with γ = 2, summed over anchors and classes:
 *
 *   FL = Σ w · α_t (1 − p_t)² (−log p_t),   p_t = σ(z),   z = (2y − 1) · logit
 *
 * Lin et al. 2017, Eq. 5, arXiv:1708.02002. Computed from z, as −log p_t = softplus(−z) and 1 − p_t = σ(−z), so that it
 * stays finite for every logit. The weight carries what is known (0 for an ignored anchor or a class that is not boxed
 * on the film), the film's normaliser max(1, positive anchors) and the mean over films.
 * @param logits  [B, N, K] lesion scores before the sigmoid
 * @param targets [B, N, K] 0 or 1
 * @param weights [B, N, K] ≥ 0, without α
 * @returns scalar. The caller disposes it.
 */
export function focalLoss(logits: tf.Tensor3D, targets: tf.Tensor3D, weights: tf.Tensor3D): tf.Scalar {
  return tf.tidy(() => {
    const minusZ = tf.mul(logits, tf.sub(1, tf.mul(targets, 2)));
    const alpha = tf.add(1 - FOCAL_ALPHA, tf.mul(targets, 2 * FOCAL_ALPHA - 1)); // 1 − α where y = 0, α where y = 1
    const missed = tf.sigmoid(minusZ); // 1 − p_t
    return tf.sum(tf.mul(tf.mul(tf.mul(weights, alpha), tf.square(missed)), tf.softplus(minusZ)));
  });
}
