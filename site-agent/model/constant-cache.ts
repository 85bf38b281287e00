import * as tf from '@tensorflow/tfjs-core';

/** Small fixed tensors that layers need again in every pass. Made on first use, kept until the network is disposed. */
export class ConstantCache {
  readonly #tensors = new Map<string, tf.Tensor>();

  get(key: string, make: () => tf.Tensor): tf.Tensor {
    let tensor = this.#tensors.get(key);
    if (tensor === undefined) {
      tensor = tf.keep(tf.tidy(make));
      this.#tensors.set(key, tensor);
    }
    return tensor;
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
