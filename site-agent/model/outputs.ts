import type * as tf from '@tensorflow/tfjs-core';

/**
 * All that the losses and the evaluation need from one forward pass. Symbols of oxnet.md: B films, K classes,
 * A anchors per cell, N anchors per film (levels ascending, then row, column, anchor), D channels of C5, h × w its cells.
 */
export interface OxnetOutputs {
  /** [B, N, K] lesion scores before the sigmoid. */
  readonly classLogits: tf.Tensor3D;
  /** [B, N, 4] (dx, dy, dlog w, dlog h) / (0.1, 0.1, 0.2, 0.2) relative to the anchors. */
  readonly boxDeltas: tf.Tensor3D;
  /** M: [B, h, w, D] last backbone stage. */
  readonly features: tf.Tensor4D;
  /** X: [B, h, w, K] class activation maps of the global head. */
  readonly activation: tf.Tensor4D;
  /** R: [B, h, w, K] local attention, summing to 1 over h, w for each film and class. */
  readonly attention: tf.Tensor4D;
  /** s: [B, K] = Σ X ⊙ R, disease present in the film, before the sigmoid. */
  readonly imageLogits: tf.Tensor2D;
}
