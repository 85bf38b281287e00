import * as tf from '@tensorflow/tfjs-core';
import type { Correlation } from './correlation.js';

/**
 * How the border is filled. `same`: what the output size needs, the odd cell after. `symmetric`: ⌊k/2⌋ cells on each
 * side, as the published ResNet weights expect; it differs from `same` only at stride 2 and costs one more op there.
 */
export type Padding = 'same' | 'symmetric';

type Four = [number, number, number, number];

/** The library's own convolution: x [B, H, W, in] ⋆ kernel [k, k, in, out] → [B, ⌈H / stride⌉, ⌈W / stride⌉, out]. */
export function slidingCorrelation(
  inputShape: Four,
  kernelShape: Four,
  stride: 1 | 2,
  padding: Padding,
): Correlation {
  const side = kernelShape[0];
  const padsItself = padding === 'same' || stride === 1 || side === 1;
  const attributes = { strides: stride, pad: padsItself ? 'same' : 'valid', dataFormat: 'NHWC' };
  const margins = margin(inputShape, side);
  const [films, height, width, channels] = inputShape;
  const keptShape = padsItself
    ? inputShape
    : [films, height + margins[1][0] + margins[1][1], width + margins[2][0] + margins[2][1], channels];
  return {
    prepare: (x) => (padsItself ? x : tf.pad(x, margins)),
    forward(kept, kernel, bias, rectified) {
      const inputs = { x: kept, filter: kernel, ...(bias === undefined ? {} : { bias }) };
      const activation = rectified ? 'relu' : 'linear';
      return tf.engine().runKernel(tf.FusedConv2D, inputs, { ...attributes, dilations: 1, activation });
    },
    inputGradient(g, kernel) {
      const inputs = { dy: g, filter: kernel };
      const gradient = tf
        .engine()
        .runKernel<tf.Tensor>(tf.Conv2DBackpropInput, inputs, { ...attributes, inputShape: keptShape });
      if (padsItself) return gradient;
      return tf.slice(gradient, [0, margins[1][0], margins[2][0], 0], inputShape);
    },
    kernelGradient(kept, g) {
      const inputs = { x: kept, dy: g };
      return tf
        .engine()
        .runKernel(tf.Conv2DBackpropFilter, inputs, { ...attributes, filterShape: kernelShape });
    },
  };
}

/**
 * The padding of a stride-2 window of odd side k: ⌊k/2⌋ cells before, and after only as many as the last window
 * reaches, which is one less on a map of even side.
 */
export function padBefore(x: tf.Tensor4D, side: number): tf.Tensor4D {
  return tf.pad(x, margin(x.shape, side));
}

function margin([, height, width]: Four, side: number): Margins {
  const before = Math.floor(side / 2);
  const after = (length: number) => Math.max(0, before - 1 + (length % 2));
  return [
    [0, 0],
    [before, after(height)],
    [before, after(width)],
    [0, 0],
  ];
}

type Margins = [[number, number], [number, number], [number, number], [number, number]];
