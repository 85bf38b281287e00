import * as tf from '@tensorflow/tfjs-core';
import { convolve, type ConvolutionOptions } from './convolution.js';
import { constant, heFanOut, zeros } from './initialisers.js';
import type { Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';
import { rectify } from './rectify.js';

export interface FrozenConvolutionOptions extends ConvolutionOptions {
  /** Gain before pretrained weights are loaded. */
  readonly initialGain: number;
}

/**
 * Convolution followed by a batch norm whose statistics and affine are frozen (oxnet.md D11). With γ, β, μ, σ² of the
 * pretrained norm, `gain` = γ / √(σ² + ε) and `offset` = β − μ · gain are all that is left of it, so
 *
 *     norm(x ⋆ kernel) = x ⋆ (kernel · gain) + offset
 *
 * and the map is touched once less. Declares `<conv>.kernel` (trained), `<norm>.gain`, `<norm>.offset` (frozen).
 */
export function frozenConvolution(
  conv: ParameterScope,
  norm: ParameterScope,
  options: FrozenConvolutionOptions,
): Layer {
  const { kernel: side, inputs, outputs, stride = 1, padding = 'same', initialGain } = options;
  const kernel = conv.declare('kernel', [side, side, inputs, outputs], heFanOut);
  const gain = norm.declare('gain', [outputs], constant(initialGain), { trainable: false });
  const offset = norm.declare('offset', [outputs], zeros, { trainable: false });
  return (x) => {
    const folded = tf.mul(kernel.value, gain.value) as tf.Tensor4D;
    const y = tf.add(convolve(x, folded, stride, padding), offset.value) as tf.Tensor4D;
    return options.rectified ? rectify(y) : y;
  };
}
