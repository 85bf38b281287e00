import * as tf from '@tensorflow/tfjs-core';
import { rectifierGradient } from './gradient-passes.js';
import { withGradient } from './with-gradient.js';

/** ReLU that keeps its result alone: y says where the gradient passes. */
export function rectify(x: tf.Tensor4D): tf.Tensor4D {
  return withGradient([x], () => {
    const y = tf.relu(x);
    return { value: y, saved: [y], gradient: (dy, [y]) => [rectifierGradient(dy, y!)] };
  });
}

/** max(0, a + b), the end of a residual block: neither a nor b is kept, and both get the same gradient. */
export function rectifiedSum(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  return withGradient([a, b], () => {
    const y = tf.relu(tf.add(a, b));
    const gradient = (dy: tf.Tensor, [y]: tf.Tensor[]) => {
      const g = rectifierGradient(dy, y!);
      return [g, g.clone()];
    };
    return { value: y, saved: [y], gradient };
  });
}
