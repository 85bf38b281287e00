import * as tf from '@tensorflow/tfjs-core';

/** Penalty on the distance between a feature and another class's prototype (oxnet.md D1). */
export type InterPenalty = 'hinge' | 'quartic';

/** Distance beyond which two classes no longer repel each other. */
export const MARGIN = 1;

/**
 * Category features of every film, the attention-weighted mean of the last backbone stage (oxnet.md §2.3):
 *
 *   F_c = Σ_i [M ⊙ R_c]_i
 *
 * @param features  [B, h, w, D] M
 * @param attention [B, h, w, K] R, summing to 1 over h, w
 * @returns [B, K, D]. Nothing is detached: the gradient reaches the backbone and, through R, the class subnet.
 */
export function categoryFeatures(features: tf.Tensor4D, attention: tf.Tensor4D): tf.Tensor3D {
  const [films, height, width, channels] = features.shape;
  const classes = attention.shape[3];
  return tf.tidy(() => {
    const m = tf.reshape(features, [films, height * width, channels]);
    const r = tf.reshape(attention, [films, height * width, classes]);
    return tf.matMul(r, m, true, false) as tf.Tensor3D; // [B, K, hw] · [B, hw, D]
  });
}

/** Null: no (film, class) pair contributes. */
export interface PrototypeTerms {
  readonly intra: tf.Scalar | null;
  readonly inter: tf.Scalar | null;
}

/**
 * Global prototype alignment. oxnet.md §2.3, Eq. 6-1 and 6-2, with D1–D4. With d²(u, v) = mean over D of (u − v)²:
 *
 *   L_intra = mean over (film, positive class c with a prototype) of d²(F_c, P_c)
 *   L_inter = mean over (film, positive class c, class j ≠ c with a prototype) of max(0, 1 − d²(F_c, P_j))
 *
 * `quartic` uses max(0, 1 − d)⁴ instead, as in GPA-detection. Every film stands alone: the means make the value
 * independent of the batch size, so it is the same at every hospital. A class that is absent, or has no prototype yet,
 * is skipped. The prototypes are constants here.
 * @param features   [B, K, D] F
 * @param prototypes [K, D] P
 * @param positive   [B · K] 1 where the class is known to be present in the film
 * @param known      [K] 1 where the class has a prototype
 * @returns scalars. The caller disposes them.
 */
export function prototypeLoss(
  features: tf.Tensor3D,
  prototypes: tf.Tensor2D,
  positive: Uint8Array,
  known: Uint8Array,
  penalty: InterPenalty = 'hinge',
): PrototypeTerms {
  const [films, classes, channels] = features.shape;
  const intraWeights = new Float32Array(films * classes * classes);
  const interWeights = new Float32Array(films * classes * classes);
  let intraPairs = 0;
  let interPairs = 0;
  for (let bc = 0; bc < films * classes; bc++) {
    if (!positive[bc]) continue;
    for (let j = 0; j < classes; j++) {
      if (!known[j]) continue;
      if (j === bc % classes) intraPairs += intraWeights[bc * classes + j] = 1;
      else interPairs += interWeights[bc * classes + j] = 1;
    }
  }
  if (intraPairs + interPairs === 0) return { intra: null, inter: null };

  const [intra, inter] = tf.tidy(() => {
    const f = tf.reshape(features, [films, classes, 1, channels]);
    const p = tf.reshape(prototypes, [1, 1, classes, channels]);
    const squared = tf.mean(tf.square(tf.sub(f, p)), 3); // [B, K, K] d²(F_bc, P_j)
    const mean = (values: tf.Tensor, weights: Float32Array, pairs: number) =>
      tf.mul(tf.sum(tf.mul(values, tf.tensor(weights, squared.shape))), 1 / pairs) as tf.Scalar;
    return [
      intraPairs > 0 ? mean(squared, intraWeights, intraPairs) : null,
      interPairs > 0 ? mean(repulsion(squared, penalty), interWeights, interPairs) : null,
    ] as tf.Scalar[];
  });
  return { intra: intra ?? null, inter: inter ?? null };
}

function repulsion(squared: tf.Tensor, penalty: InterPenalty): tf.Tensor {
  if (penalty === 'hinge') return tf.relu(tf.sub(MARGIN, squared));
  // √ has no gradient at 0, where a class has only just got its prototype.
  const gap = tf.relu(tf.sub(MARGIN, tf.sqrt(tf.add(squared, 1e-12))));
  return tf.square(tf.square(gap));
}
