import type * as tf from '@tensorflow/tfjs-core';
import type { Correlation } from './correlation.js';
import { gatheredCorrelation } from './gathered-correlation.js';
import { channelSums, rectifierGradient } from './gradient-passes.js';
import { heFanOut, zeros, type Initialiser } from './initialisers.js';
import type { Layer } from './layer.js';
import { neighbours, type CellList } from './neighbours.js';
import type { ParameterScope } from './parameters.js';
import { slidingCorrelation, type Padding } from './sliding-correlation.js';
import { withGradient } from './with-gradient.js';

/** Cells of the output, over all films, up to which a k×k kernel is cheaper as one matrix product over gathered cells. */
const FEW_CELLS = 128;

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
  /** The layer sees the films themselves: nobody asks for the gradient of its input, which is as large as the films. */
  readonly entrance?: boolean;
  readonly kernelInitialiser?: Initialiser;
  readonly biasInitialiser?: Initialiser;
  /** The output channels are a · K + c: they belong to classes. */
  readonly classOutputs?: boolean;
}

/** Declares `kernel` [k, k, in, out] and, with `bias`, `bias` [out] under `scope` and returns the layer. */
export function convolution(scope: ParameterScope, options: ConvolutionOptions): Layer {
  const { kernel: side, inputs, outputs } = options;
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
  return (x, cells) => {
    const weights = kernel.value as unknown as tf.Tensor4D;
    return convolve(x, weights, bias?.value, correlation(scope, x, options, cells), options);
  };
}

/** The cheaper way to compute one layer for one size of map. */
export function correlation(
  scope: ParameterScope,
  x: tf.Tensor4D,
  { kernel: side, inputs, outputs, stride = 1, padding = 'same' }: ConvolutionOptions,
  cells?: CellList,
): Correlation {
  const [films, height, width] = x.shape;
  const size = (length: number) => Math.ceil(length / stride);
  const after = [size(height), size(width)] as const;
  const few = side > 1 && films * after[0] * after[1] <= FEW_CELLS;
  if (cells === undefined && !few)
    return slidingCorrelation(x.shape, [side, side, inputs, outputs], stride, padding);
  const list = cells ?? { maps: [[height, width]] };
  const before = padding === 'same' && stride === 2 ? sameBefore(height, side) : Math.floor(side / 2);
  const table = neighbours(scope.constants, films, list, side, stride, before);
  return gatheredCorrelation(x.shape, [films, ...after], table);
}

/** Cells that `same` puts before a map at stride 2: the smaller half of what the output size needs. */
function sameBefore(length: number, side: number): number {
  return Math.floor(Math.max(0, (Math.ceil(length / 2) - 1) * 2 + side - length) / 2);
}

/**
 * y = x ⋆ K + b, or max(0, x ⋆ K + b), with its gradient written out, so that nothing but x and y outlives the forward
 * pass and each gradient is one op. With g = dy where y > 0:
 *
 *     dx = g ⋆ᵀ K,   dK = xᵀ ⋆ g,   db = Σ g
 */
export function convolve(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor | undefined,
  way: Correlation,
  { rectified = false, entrance = false }: Pick<ConvolutionOptions, 'rectified' | 'entrance'>,
): tf.Tensor4D {
  const inputs = [kernel, ...(bias === undefined ? [] : [bias]), ...(entrance ? [] : [x])];
  return withGradient(inputs, () => {
    const kept = way.prepare(x);
    const y = way.forward(kept, kernel, bias, rectified);
    const gradient = (dy: tf.Tensor, [kept, kernel, y]: tf.Tensor[]) => {
      const g = (y === undefined ? dy : rectifierGradient(dy, y)) as tf.Tensor4D;
      return [
        way.kernelGradient(kept!, g),
        ...(bias === undefined ? [] : [channelSums(g)]),
        ...(entrance ? [] : [way.inputGradient(g, kernel as tf.Tensor4D)]),
      ];
    };
    return { value: y, saved: rectified ? [kept, kernel, y] : [kept, kernel], gradient };
  });
}
