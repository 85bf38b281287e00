import * as tf from '@tensorflow/tfjs-core';

/** What a convolution's two gradients need to know of it. */
export type ConvolutionInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

type Four = [number, number, number, number];

/** The attributes that both gradient kernels of a convolution receive. */
export interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export function convolutionInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dimRoundingMode }: ConvolutionAttributes,
): ConvolutionInfo {
  const shapes = [[...inputShape] as Four, [...filterShape] as Four] as const;
  return tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
}

/** Axes 1 and 2 of `x`, moved by `before` zeros and then cut or filled with zeros to `length`. */
export function fitMap(
  x: tf.Tensor4D,
  before: readonly [number, number],
  length: readonly [number, number],
): tf.Tensor4D {
  const after = ([0, 1] as const).map((i) => Math.max(0, length[i] - before[i] - x.shape[i + 1]!));
  const padded = tf.pad(x, [
    [0, 0],
    [before[0], after[0]!],
    [before[1], after[1]!],
    [0, 0],
  ]);
  if (padded.shape[1] === length[0] && padded.shape[2] === length[1]) return padded;
  return tf.slice(padded, [0, 0, 0, 0], [x.shape[0], length[0], length[1], x.shape[3]]);
}
