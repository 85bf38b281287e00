import * as tf from '@tensorflow/tfjs-core';
import { correlation, type ConvolutionOptions } from './convolution.js';
import type { Correlation } from './correlation.js';
import { rectifierGradient } from './gradient-passes.js';
import { constant, elementCount, heFanOut, zeros } from './initialisers.js';
import type { Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';
import { withGradient } from './with-gradient.js';

export interface FrozenConvolutionOptions extends ConvolutionOptions {
  /** Gain before pretrained weights are loaded. */
  readonly initialGain: number;
}

/** Declares `<conv>.kernel` (trained), `<norm>.gain`, `<norm>.offset` (frozen) and returns the layer. */
export function frozenConvolution(
  conv: ParameterScope,
  norm: ParameterScope,
  options: FrozenConvolutionOptions,
): Layer {
  const { kernel: side, inputs, outputs, initialGain } = options;
  const kernel = conv.declare('kernel', [side, side, inputs, outputs], heFanOut);
  const gain = norm.declare('gain', [outputs], constant(initialGain), { trainable: false });
  const offset = norm.declare('offset', [outputs], zeros, { trainable: false });
  return (x) => {
    const weights = kernel.value as unknown as tf.Tensor4D;
    return normalise(x, weights, gain.value, offset.value, correlation(conv, x, options), options);
  };
}

/**
 * Convolution followed by a batch norm whose statistics and affine are frozen (oxnet.md D11). With γ, β, μ, σ² of the
 * pretrained norm, `gain` = γ / √(σ² + ε) and `offset` = β − μ · gain are all that is left of it:
 *
 *     y = (x ⋆ K) ⊙ gain + offset = x ⋆ (K · gain) + offset,   then ReLU if `rectified`
 *
 * Whichever is smaller is scaled, kernel or map: above, the kernel, whose offset is then the convolution's bias and costs
 * nothing; in the last stages, where the kernels hold most of the network's numbers, the map. The gradient follows:
 * dK = gain · (xᵀ ⋆ g) or xᵀ ⋆ (gain ⊙ g). Gain and offset get none.
 */
function normalise(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  gain: tf.Tensor,
  offset: tf.Tensor,
  way: Correlation,
  { outputs, stride = 1, rectified = false, entrance = false }: ConvolutionOptions,
): tf.Tensor4D {
  const mapSize = (elementCount(x.shape.slice(0, 3)) / stride ** 2) * outputs;
  const scalesKernel = kernel.size <= mapSize;
  return withGradient(entrance ? [kernel] : [kernel, x], () => {
    const kept = way.prepare(x);
    const weights: tf.Tensor4D = scalesKernel ? tf.mul(kernel, gain) : kernel;
    const y = scalesKernel
      ? way.forward(kept, weights, offset, rectified)
      : affine(way.forward(kept, weights, undefined, false), gain, offset, rectified);
    const gradient = (dy: tf.Tensor, [kept, weights, gain, y]: tf.Tensor[]) => {
      const g = y === undefined ? dy : rectifierGradient(dy, y);
      const ofSums = (scalesKernel ? g : tf.mul(g, gain!)) as tf.Tensor4D;
      const ofWeights = way.kernelGradient(kept!, ofSums);
      return [
        scalesKernel ? tf.mul(ofWeights, gain!) : ofWeights,
        ...(entrance ? [] : [way.inputGradient(ofSums, weights as tf.Tensor4D)]),
      ];
    };
    return { value: y, saved: rectified ? [kept, weights, gain, y] : [kept, weights, gain], gradient };
  });
}

function affine(x: tf.Tensor4D, gain: tf.Tensor, offset: tf.Tensor, rectified: boolean): tf.Tensor4D {
  const y: tf.Tensor4D = tf.add(tf.mul(x, gain), offset);
  return rectified ? tf.relu(y) : y;
}
