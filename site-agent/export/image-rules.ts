import * as tf from '@tensorflow/tfjs-core';
import {
  int,
  intList,
  ints,
  rule,
  text,
  textList,
  typeOf,
  type AttrValue,
  type GraphOp,
  type KernelRule,
  type KernelRules,
  type Types,
  type Values,
} from './graph-op.js';
import type { ValueType } from './recorded-graph.js';

type Four = [number, number, number, number];

/** What moves a window over maps, or scales them: [B, H, W, C] → [B, H′, W′, C′]. */
export const IMAGE_RULES: KernelRules = {
  [tf.Conv2D]: rule<tf.Conv2DAttrs>({
    outputs: convolved,
    op: ({ x, filter }, attrs) => ({
      op: 'Conv2D',
      inputs: [x!, filter!],
      attr: convolutionAttr(x!, attrs),
    }),
  }),
  [tf.FusedConv2D]: rule<tf.FusedConv2DAttrs>({ outputs: convolved, op: fusedConvolution }),
  [tf.MaxPool]: rule<tf.MaxPoolAttrs>({
    outputs: ({ x }, { filterSize, strides, pad, dimRoundingMode }) => {
      const shape = x!.shape as Four;
      const { computePool2DInfo } = tf.backend_util;
      const { outShape } = computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
      return [{ shape: outShape, dtype: x!.dtype }];
    },
    op: ({ x }, { filterSize, strides, pad }) => {
      if (typeof pad !== 'string') throw new Error('a graph model cannot pool with explicit padding');
      const attr = {
        T: typeOf(x!),
        ksize: intList([1, ...pair(filterSize), 1]),
        strides: intList([1, ...pair(strides), 1]),
        padding: text(pad.toUpperCase()),
        data_format: text('NHWC'),
      };
      return { op: 'MaxPool', inputs: [x!], attr };
    },
  }),
  [tf.ResizeNearestNeighbor]: resize('ResizeNearestNeighbor'),
  [tf.ResizeBilinear]: resize('ResizeBilinear'),
};

function convolved(
  { x, filter }: Types,
  { strides, pad, dilations, dimRoundingMode }: tf.Conv2DAttrs,
): ValueType[] {
  const shapes = [x!.shape as Four, filter!.shape as Four] as const;
  const { outShape } = tf.backend_util.computeConv2DInfo(...shapes, strides, dilations, pad, dimRoundingMode);
  return [{ shape: outShape, dtype: x!.dtype }];
}

/** A convolution, its bias and its ReLU in one op, which TensorFlow.js knows by the name TensorFlow's optimiser gives it. */
function fusedConvolution({ x, filter, bias }: Values, attrs: tf.FusedConv2DAttrs): GraphOp {
  const { activation } = attrs;
  if (activation !== 'linear' && activation !== 'relu') {
    throw new Error(`a convolution fused with ${activation} has no counterpart`);
  }
  const plain = convolutionAttr(x!, attrs);
  if (bias === undefined && activation === 'linear') {
    return { op: 'Conv2D', inputs: [x!, filter!], attr: plain };
  }
  const outputs = filter!.shape[3]!;
  return {
    op: '_FusedConv2D',
    inputs: [x!, filter!, bias ?? { values: new Float32Array(outputs), shape: [outputs] }],
    attr: {
      ...plain,
      num_args: int(1),
      fused_ops: textList(['BiasAdd', ...(activation === 'relu' ? ['Relu'] : [])]),
      epsilon: { f: 0 },
    },
  };
}

function convolutionAttr(
  x: ValueType,
  { strides, pad, dilations, dataFormat }: tf.Conv2DAttrs,
): Record<string, AttrValue> {
  if (dataFormat !== 'NHWC') throw new Error(`a convolution over ${dataFormat} has no counterpart`);
  const common = {
    T: typeOf(x),
    strides: intList([1, ...pair(strides), 1]),
    dilations: intList([1, ...pair(dilations), 1]),
    data_format: text('NHWC'),
  };
  if (typeof pad === 'string') return { ...common, padding: text(pad.toUpperCase()) };
  const explicit = typeof pad === 'number' ? [0, 0, pad, pad, pad, pad, 0, 0] : pad.flat();
  return { ...common, padding: text('EXPLICIT'), explicit_paddings: intList(explicit) };
}

function resize(op: 'ResizeBilinear' | 'ResizeNearestNeighbor'): KernelRule {
  return rule<tf.ResizeBilinearAttrs>({
    outputs: ({ images }, { size: [height, width] }) => {
      const [batch = 0, , , channels = 0] = images!.shape;
      return [{ shape: [batch, height, width, channels], dtype: images!.dtype }];
    },
    op: ({ images }, { size, alignCorners, halfPixelCenters }) => ({
      op,
      inputs: [images!, ints(size)],
      attr: {
        T: typeOf(images!),
        align_corners: { b: alignCorners },
        half_pixel_centers: { b: halfPixelCenters },
      },
    }),
  });
}

function pair(value: number | readonly number[]): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0]!, value[1]!];
}
