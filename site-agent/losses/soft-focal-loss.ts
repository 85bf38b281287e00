import * as tf from '@tensorflow/tfjs-core';

/** Weight of an anchor the teacher is sure to be background, and of one it is sure to be lesion (oxnet.md §2.4). */
export const SOFT_ALPHA_BACKGROUND = 0.05;
export const SOFT_ALPHA_LESION = 0.95;

/**
 * Soft focal loss from teacher to student, oxnet.md §2.4, with γ = 2:
 *
 *   SFL = Σ w · α(y) · (y − p)² · [−y log p − (1 − y) log(1 − p)],   α(y) = 0.05 + 0.90 y,   p = σ(logit)
 *
 * The cross-entropy is softplus(x) − x y, finite for every logit x. The factor (y − p)² is not detached. Each element has
 * its own α: a film's loss never depends on another film. Weights are 0 at anchors between the IoU thresholds and for
 * every (film, class) pair whose boxes are known: the teacher speaks where the site has no annotation.
 * @param logits  [B, N, K] the student's, before the sigmoid
 * @param targets [B, N, K] y, the teacher's scores, constants in 0 … 1
 * @param weights [B, N, K] 1 / (max(1, positive anchors of the film) · films), or 0
 * @returns scalar. The caller disposes it.
 */
export function softFocalLoss(logits: tf.Tensor3D, targets: tf.Tensor3D, weights: tf.Tensor3D): tf.Scalar {
  return tf.tidy(() => {
    const alpha = tf.add(SOFT_ALPHA_BACKGROUND, tf.mul(targets, SOFT_ALPHA_LESION - SOFT_ALPHA_BACKGROUND));
    const distance = tf.squaredDifference(targets, tf.sigmoid(logits));
    const crossEntropy = tf.sub(tf.softplus(logits), tf.mul(logits, targets));
    return tf.sum(tf.mul(tf.mul(tf.mul(weights, alpha), distance), crossEntropy));
  });
}
