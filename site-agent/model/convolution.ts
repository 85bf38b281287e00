import * as tf from '@tensorflow/tfjs-core';
import { heFanOut, zeros, type Initialiser } from './initialisers.js';
import type { Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';
import { rectify } from './rectify.js';

/**
 * How the border is filled. `same`: what the output size needs, the odd cell after. `symmetric`: ⌊k/2⌋ cells on each
 * side, as the published ResNet weights expect; it differs from `same` only at stride 2 and costs one more op there.
 */
export type Padding = 'same' | 'symmetric';

export interface ConvolutionOptions {
  /** k: side of the kernel. */
  readonly kernel: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride?: 1 | 2;
  readonly padding?: Padding;
  readonly bias?: boolean;
  /** ReLU after the bias. */
  readonly rectified?: boolean;
  readonly kernelInitialiser?: Initialiser;
  readonly biasInitialiser?: Initialiser;
  /** The output channels are a · K + c: they belong to classes. */
  readonly classOutputs?: boolean;
}

/** Declares `kernel` [k, k, in, out] and, with `bias`, `bias` [out] under `scope` and returns the layer. */
export function convolution(scope: ParameterScope, options: ConvolutionOptions): Layer {
  const { kernel: side, inputs, outputs, stride = 1, padding = 'same' } = options;
  const kernel = scope.declare(
    'kernel',
    [side, side, inputs, outputs],
    options.kernelInitialiser ?? heFanOut,
    options.classOutputs ? { classAxis: 3 } : {},
  );
  const bias = options.bias
    ? scope.declare(
        'bias',
        [outputs],
        options.biasInitialiser ?? zeros,
        options.classOutputs ? { classAxis: 0 } : {},
      )
    : undefined;
  return (x) => {
    let y = convolve(x, kernel.value as unknown as tf.Tensor4D, stride, padding);
    if (bias !== undefined) y = tf.add(y, bias.value);
    return options.rectified ? rectify(y) : y;
  };
}

/** x [B, H, W, in] ⋆ kernel [k, k, in, out] → [B, ⌈H / stride⌉, ⌈W / stride⌉, out]. */
export function convolve(x: tf.Tensor4D, kernel: tf.Tensor4D, stride: 1 | 2, padding: Padding): tf.Tensor4D {
  const side = kernel.shape[0];
  if (padding === 'same' || stride === 1 || side === 1) return tf.conv2d(x, kernel, stride, 'same');
  return tf.conv2d(padBefore(x, side), kernel, stride, 'valid');
}

/**
 * The padding of a stride-2 window of odd side k: ⌊k/2⌋ cells before, and after only as many as the last window
 * reaches, which is one less on a map of even side.
 */
export function padBefore(x: tf.Tensor4D, side: number): tf.Tensor4D {
  const before = Math.floor(side / 2);
  const after = (length: number) => Math.max(0, before - 1 + (length % 2));
  return tf.pad(x, [
    [0, 0],
    [before, after(x.shape[1])],
    [before, after(x.shape[2])],
    [0, 0],
  ]);
}
