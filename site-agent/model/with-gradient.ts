import * as tf from '@tensorflow/tfjs-core';

/** A value together with the way its gradient is found. */
export interface Differentiable {
  readonly value: tf.Tensor;
  /** What `gradient` needs again; freed when it has run. */
  readonly saved: tf.Tensor[];
  /** dL/dvalue and the saved tensors → dL/dinput for each input, in their order. */
  readonly gradient: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * A function of `inputs` with a gradient of its own: the ops inside `forward` are not recorded. `gradient` must take
 * its tensors from `saved`, since everything else that `forward` makes is freed. It runs once; what it needed goes with
 * it, so that the activations of a deep network shrink while the gradients grow.
 */
export function withGradient<Y extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  forward: () => Differentiable,
): Y {
  const operation = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as tf.GradSaveFunc;
    const { value, saved, gradient } = forward();
    save(saved);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const gradients = tf.tidy(() => gradient(dy, saved));
      tf.dispose(saved);
      return gradients;
    };
    return { value, gradFunc };
  });
  return operation(...inputs) as Y;
}
