import * as tf from '@tensorflow/tfjs-core';
import { ANCHORS_PER_CELL } from './anchors.js';
import { withGradient } from './with-gradient.js';

/** Added to ΣA before the division (oxnet.md D13). */
const EPSILON = 1e-6;

/**
 * Local attention A (oxnet.md §2.2): where the class subnet sees class c, at the one level where it is surest.
 *
 *     a_{l,c}[h, w] = max_a sigmoid(score_l[h, w, a, c]),   l*_c = argmax_l max_{h,w} a_{l,c},
 *     A_c = bilinear resize of a_{l*_c, c} to the cells of C5, corners aligned
 *
 * The choice of level is per film and class, and is not differentiated; among equal anchors the gradient is shared.
 * @param levelLogits per level [B, h_l, w_l, A·K] scores before the sigmoid, channel a·K + c
 * @returns [B, height, width, K] in (0, 1)
 */
export function localAttention(
  levelLogits: readonly tf.Tensor4D[],
  classCount: number,
  height: number,
  width: number,
): tf.Tensor4D {
  return withGradient(levelLogits, () => {
    const best = levelLogits.map((level) => tf.max(perAnchor(level, classCount), 3, true)); // [B, h_l, w_l, 1, K]
    const maps = best.map((level) => tf.sigmoid(tf.squeeze(level, [3])) as tf.Tensor4D); // a_l
    const chosen = chooseLevel(maps);
    const resized = maps.map((map, l) => tf.mul(resize(map, height, width), chosen[l]!));
    const gradient = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const levels = saved.length / 4;
      return Array.from({ length: levels }, (_, l) =>
        levelGradient(dy as tf.Tensor4D, {
          logits: saved[l] as tf.Tensor4D,
          best: saved[levels + l] as tf.Tensor5D,
          map: saved[2 * levels + l] as tf.Tensor4D,
          chosen: saved[3 * levels + l] as tf.Tensor4D,
          classCount,
        }),
      );
    };
    return { value: tf.addN(resized), saved: [...levelLogits, ...best, ...maps, ...chosen], gradient };
  });
}

/** R_c = A_c / (Σ_i [A_c]_i + ε): [B, h, w, K], summing to 1 over the cells. */
export function normaliseAttention(attention: tf.Tensor4D): tf.Tensor4D {
  return tf.div(attention, tf.add(tf.sum(attention, [1, 2], true), EPSILON));
}

/**
 * s_c = Σ_i [X_c ⊙ R_c]_i: [B, K] disease present in the film, before the sigmoid. With R from A,
 * ∂s/∂X = R and ∂s/∂A_i = (X_i − s) / ΣA.
 */
export function attendedLogits(activation: tf.Tensor4D, attention: tf.Tensor4D): tf.Tensor2D {
  return tf.sum(tf.mul(activation, attention), [1, 2]);
}

/** [B, h, w, A·K] → [B, h, w, A, K]. */
function perAnchor(logits: tf.Tensor4D, classCount: number): tf.Tensor5D {
  const [films, height, width] = logits.shape;
  return tf.reshape(logits, [films, height, width, ANCHORS_PER_CELL, classCount]);
}

/** Per level [B, 1, 1, K]: 1 where the level's highest score of the class is the highest of all levels, first of equals. */
function chooseLevel(maps: readonly tf.Tensor4D[]): tf.Tensor4D[] {
  const peaks = tf.concat(
    maps.map((map) => tf.max(map, [1, 2], true) as tf.Tensor4D),
    1,
  ); // [B, L, 1, K]
  const winner = tf.expandDims(tf.argMax(peaks, 1), 1); // [B, 1, 1, K]
  const levels = tf.tensor4d(
    maps.map((_, level) => level),
    [1, maps.length, 1, 1],
    'int32',
  );
  return tf.split(tf.cast(tf.equal(winner, levels), 'float32') as tf.Tensor4D, maps.length, 1);
}

/** ∂/∂logits of one level: through its share of A, the resize, the sigmoid and the winning anchor. */
function levelGradient(
  dy: tf.Tensor4D,
  level: {
    readonly logits: tf.Tensor4D;
    readonly best: tf.Tensor5D;
    readonly map: tf.Tensor4D;
    readonly chosen: tf.Tensor4D;
    readonly classCount: number;
  },
): tf.Tensor {
  const { logits, best, map, chosen, classCount } = level;
  const dMap = resizeGradient(tf.mul(dy, chosen), map);
  const dBest = tf.reshape(tf.mul(dMap, tf.mul(map, tf.sub(1, map))), best.shape); // [B, h_l, w_l, 1, K]
  const winners = tf.cast(tf.equal(perAnchor(logits, classCount), best), 'float32'); // [B, h_l, w_l, A, K]
  const share = tf.div(dBest, tf.sum(winners, 3, true));
  return tf.reshape(tf.mul(winners, share), logits.shape);
}

function resize(map: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  if (map.shape[1] === height && map.shape[2] === width) return map;
  return tf.image.resizeBilinear(map, [height, width], true);
}

function resizeGradient(dy: tf.Tensor4D, map: tf.Tensor4D): tf.Tensor {
  if (map.shape[1] === dy.shape[1] && map.shape[2] === dy.shape[2]) return dy;
  return tf.engine().runKernel(tf.ResizeBilinearGrad, { images: map, dy }, { alignCorners: true });
}
