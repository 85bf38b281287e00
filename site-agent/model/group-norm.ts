import * as tf from '@tensorflow/tfjs-core';
import { ones, zeros, type Initialiser } from './initialisers.js';
import type { Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';
import { withGradient } from './with-gradient.js';

/** Channels that share one mean and variance, unless that makes more than 32 groups. */
const CHANNELS_PER_GROUP = 8;
const MOST_GROUPS = 32;
const EPSILON = 1e-5;

/** Groups of C channels. C is a multiple of 8. */
export function groupCount(channels: number): number {
  return Math.min(MOST_GROUPS, channels / CHANNELS_PER_GROUP);
}

export interface GroupNormOptions {
  readonly rectified: boolean;
  /** Initial γ; zeros for the last norm of a residual branch, so that a fresh block is the identity. */
  readonly gain?: Initialiser;
}

/** Declares `gain` and `offset` [C] under `scope` and returns the layer. */
export function groupNorm(scope: ParameterScope, channels: number, options: GroupNormOptions): Layer {
  const gain = scope.declare('gain', [channels], options.gain ?? ones, { norm: true });
  const offset = scope.declare('offset', [channels], zeros, { norm: true });
  const groups = groupCount(channels);
  return (x) => {
    const cells = x.shape[1] * x.shape[2];
    const averaging = scope.constants.get(`group-mean/${channels}/${cells}`, () =>
      groupMeanMatrix(channels, groups, cells),
    );
    return normaliseGroups(x, gain.value, offset.value, averaging, options.rectified);
  };
}

/**
 * The matrix M [1, 1, C, C] for which s · M, with s [B, 1, 1, C] the sums of a map over its cells, is the mean of each
 * channel's group, repeated for every channel of the group.
 */
export function groupMeanMatrix(channels: number, groups: number, cells: number): tf.Tensor4D {
  const groupSize = channels / groups;
  const values = new Float32Array(channels * channels);
  for (let i = 0; i < channels; i++) {
    const first = i * channels + (i - (i % groupSize));
    values.fill(1 / (cells * groupSize), first, first + groupSize);
  }
  return tf.tensor4d(values, [1, 1, channels, channels]);
}

/**
 * Group normalisation with an optional ReLU; Wu & He 2018 (arXiv:1803.08494, Eq. 1–2):
 *
 *     x̂ = (x − μ) / √(σ² + ε),   y = γ x̂ + β   or   max(0, γ x̂ + β)
 *
 * with μ, σ² over all cells and channels of one film's group. Both passes are written out, since at these sizes an op
 * costs more than its arithmetic: sums per channel, spread over the group by one small matrix product, then one
 * multiply and one add over the map. Backward, with g = dy where y > 0, u = γ g and ⟨·⟩ the mean over the group:
 *
 *     dx = (u − ⟨u⟩ − x̂ ⟨u x̂⟩) / √(σ² + ε),   dγ = Σ g x̂,   dβ = Σ g
 *
 * @param x         [B, H, W, C]
 * @param gain      γ [C]
 * @param offset    β [C]
 * @param averaging `groupMeanMatrix` of C and H · W
 * @returns [B, H, W, C]
 */
export function normaliseGroups(
  x: tf.Tensor4D,
  gain: tf.Tensor,
  offset: tf.Tensor,
  averaging: tf.Tensor,
  rectified: boolean,
): tf.Tensor4D {
  return withGradient([x, gain, offset], () => {
    const mean = groupMean(x, averaging); // [B, 1, 1, C]
    const meanSquare = groupMean(tf.square(x), averaging); // [B, 1, 1, C]
    // Rounding can push the variance of a constant group slightly below zero.
    const variance = tf.relu(tf.sub(meanSquare, tf.square(mean)));
    const inverse = tf.rsqrt(tf.add(variance, EPSILON)); // [B, 1, 1, C]
    const slope = tf.mul(inverse, gain);
    const affine = tf.add(tf.mul(x, slope), tf.sub(offset, tf.mul(mean, slope)));
    const y = rectified ? tf.relu(affine) : affine;
    const saved = rectified ? [x, gain, mean, inverse, slope, y] : [x, gain, mean, inverse, slope];
    return { value: y, saved, gradient: (dy, saved) => backward(dy, saved as Saved, averaging) };
  });
}

/** x, γ, μ, 1/√(σ² + ε), γ/√(σ² + ε) and, after a ReLU, y. */
type Saved = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];

function backward(dy: tf.Tensor, saved: Saved, averaging: tf.Tensor): tf.Tensor[] {
  const [x, gain, mean, inverse, slope, y] = saved;
  const g = y === undefined ? dy : tf.mul(dy, tf.sign(y)); // y ≥ 0: its sign is the mask
  const sumG = tf.sum(g, [1, 2], true); // [B, 1, 1, C] Σ g
  const sumGx = tf.sum(tf.mul(g, x), [1, 2], true);
  const sumGNormalised = tf.mul(tf.sub(sumGx, tf.mul(mean, sumG)), inverse); // Σ g x̂
  const meanU = tf.matMul(tf.mul(sumG, gain), averaging); // ⟨u⟩
  const meanUNormalised = tf.matMul(tf.mul(sumGNormalised, gain), averaging); // ⟨u x̂⟩
  // Collected by map: dx = slope · g − alongX · x + rest
  const alongX = tf.mul(tf.square(inverse), meanUNormalised);
  const rest = tf.sub(tf.mul(alongX, mean), tf.mul(inverse, meanU));
  const dx = tf.add(tf.sub(tf.mul(g, slope), tf.mul(x, alongX)), rest);
  return [dx, tf.sum(sumGNormalised, [0, 1, 2]), tf.sum(sumG, [0, 1, 2])];
}

function groupMean(x: tf.Tensor, averaging: tf.Tensor): tf.Tensor {
  return tf.matMul(tf.sum(x, [1, 2], true), averaging);
}
