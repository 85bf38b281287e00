import * as tf from '@tensorflow/tfjs-core';
import type { ConstantValues, KernelNode, RecordedValue, ValueType } from './recorded-graph.js';

/** An attribute of a node as JSON of TensorFlow's `NodeDef` (tensorflow/core/framework/attr_value.proto). */
export type AttrValue =
  | { readonly b: boolean }
  | { readonly i: string }
  | { readonly s: string }
  | { readonly f: number }
  | { readonly type: string }
  | { readonly list: { readonly i?: readonly string[]; readonly s?: readonly string[] } };

/** A constant that the graph's op takes as an input where the kernel has an attribute. */
export interface ConstantInput {
  readonly values: ConstantValues;
  readonly shape: readonly number[];
}

/** The counterpart of a kernel call in a TensorFlow graph. */
export interface GraphOp {
  readonly op: string;
  readonly inputs: readonly (RecordedValue | ConstantInput)[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

type Inputs = Readonly<Record<string, ValueType>>;
// The attributes of a kernel are typed by its own interface in tfjs-core; each rule names its own.
type Attrs = Readonly<Record<string, unknown>>;

export interface KernelRule {
  /** Shapes and types of what the kernel gives. */
  outputs(inputs: Inputs, attrs: Attrs): ValueType[];
  op(node: KernelNode): GraphOp;
}

/** What the kernels that a detector's forward pass may call mean in a TensorFlow graph. */
export const KERNEL_RULES: Readonly<Record<string, KernelRule | undefined>> = {
  [tf.Add]: elementwise('AddV2'),
  [tf.Sub]: elementwise('Sub'),
  [tf.Multiply]: elementwise('Mul'),
  [tf.RealDiv]: elementwise('RealDiv'),
  [tf.Maximum]: elementwise('Maximum'),
  [tf.Minimum]: elementwise('Minimum'),
  [tf.Equal]: elementwise('Equal', 'bool'),
  [tf.Relu]: unary('Relu'),
  [tf.Sigmoid]: unary('Sigmoid'),
  [tf.Exp]: unary('Exp'),
  [tf.Square]: unary('Square'),
  [tf.Sqrt]: unary('Sqrt'),
  [tf.Rsqrt]: unary('Rsqrt'),
  [tf.Neg]: unary('Neg'),
  [tf.Sum]: reduction('Sum', 'axis'),
  [tf.Mean]: reduction('Mean', 'axis'),
  [tf.Max]: reduction('Max', 'reductionIndices'),
  [tf.ArgMax]: {
    outputs: ({ x }, attrs) => {
      const axis = (attrs as unknown as tf.ArgMaxAttrs).axis;
      return [{ shape: x!.shape.filter((_, i) => i !== axis), dtype: 'int32' }];
    },
    op: ({ inputs, attrs }) => ({
      op: 'ArgMax',
      inputs: [inputs['x']!, scalarInt((attrs as unknown as tf.ArgMaxAttrs).axis)],
      attr: { T: typeOf(inputs['x']!), Tidx: type('int32'), output_type: type('int32') },
    }),
  },
  [tf.AddN]: {
    outputs: (inputs) => [same(Object.values(inputs)[0]!)],
    op: ({ inputs }) => {
      const terms = Object.values(inputs);
      return { op: 'AddN', inputs: terms, attr: { T: typeOf(terms[0]!), N: { i: String(terms.length) } } };
    },
  },
  [tf.Concat]: {
    outputs: (inputs, attrs) => {
      const parts = Object.values(inputs);
      const axis = positive((attrs as unknown as tf.ConcatAttrs).axis, parts[0]!);
      const length = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      return [{ shape: parts[0]!.shape.with(axis, length), dtype: parts[0]!.dtype }];
    },
    op: ({ inputs, attrs }) => {
      const parts = Object.values(inputs);
      const axis = positive((attrs as unknown as tf.ConcatAttrs).axis, parts[0]!);
      return {
        op: 'ConcatV2',
        inputs: [...parts, scalarInt(axis)],
        attr: { T: typeOf(parts[0]!), N: { i: String(parts.length) }, Tidx: type('int32') },
      };
    },
  },
  [tf.SplitV]: {
    outputs: ({ x }, attrs) => {
      const axis = positive((attrs as unknown as tf.SplitVAttrs).axis, x!);
      return splitSizes(attrs, x!).map((size) => ({ shape: x!.shape.with(axis, size), dtype: x!.dtype }));
    },
    op: ({ inputs, attrs }) => {
      const x = inputs['x']!;
      const sizes = splitSizes(attrs, x);
      return {
        op: 'SplitV',
        inputs: [x, ints(sizes), scalarInt(positive((attrs as unknown as tf.SplitVAttrs).axis, x))],
        attr: { T: typeOf(x), Tlen: type('int32'), num_split: { i: String(sizes.length) } },
      };
    },
  },
  [tf.Reshape]: {
    outputs: ({ x }, attrs) => [{ shape: reshaped(x!, attrs), dtype: x!.dtype }],
    op: ({ inputs, attrs }) => ({
      op: 'Reshape',
      // The first side follows from the others, so that a batch of any size fits.
      inputs: [inputs['x']!, ints(reshaped(inputs['x']!, attrs).with(0, -1))],
      attr: { T: typeOf(inputs['x']!), Tshape: type('int32') },
    }),
  },
  [tf.ExpandDims]: {
    outputs: ({ input }, attrs) => {
      const { dim } = attrs as unknown as tf.ExpandDimsAttrs;
      const at = dim < 0 ? input!.shape.length + 1 + dim : dim;
      return [{ shape: input!.shape.toSpliced(at, 0, 1), dtype: input!.dtype }];
    },
    op: ({ inputs, attrs }) => ({
      op: 'ExpandDims',
      inputs: [inputs['input']!, scalarInt((attrs as unknown as tf.ExpandDimsAttrs).dim)],
      attr: { T: typeOf(inputs['input']!), Tdim: type('int32') },
    }),
  },
  [tf.Transpose]: {
    outputs: ({ x }, attrs) => {
      const { perm } = attrs as unknown as tf.TransposeAttrs;
      return [{ shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
    },
    op: ({ inputs, attrs }) => ({
      op: 'Transpose',
      inputs: [inputs['x']!, ints((attrs as unknown as tf.TransposeAttrs).perm)],
      attr: { T: typeOf(inputs['x']!), Tperm: type('int32') },
    }),
  },
  [tf.Cast]: {
    outputs: ({ x }, attrs) => [{ shape: x!.shape, dtype: (attrs as unknown as tf.CastAttrs).dtype }],
    op: ({ inputs, attrs }) => ({
      op: 'Cast',
      inputs: [inputs['x']!],
      attr: { SrcT: typeOf(inputs['x']!), DstT: type((attrs as unknown as tf.CastAttrs).dtype) },
    }),
  },
  [tf.PadV2]: {
    outputs: ({ x }, attrs) => {
      const { paddings } = attrs as unknown as tf.PadV2Attrs;
      const shape = x!.shape.map((side, i) => side + paddings[i]![0] + paddings[i]![1]);
      return [{ shape, dtype: x!.dtype }];
    },
    op: ({ inputs, attrs }) => {
      const { paddings, constantValue } = attrs as unknown as tf.PadV2Attrs;
      const x = inputs['x']!;
      const amounts = { values: Int32Array.from(paddings.flat()), shape: [paddings.length, 2] };
      const filling = { values: Float32Array.of(constantValue), shape: [] };
      return { op: 'PadV2', inputs: [x, amounts, filling], attr: { T: typeOf(x), Tpaddings: type('int32') } };
    },
  },
  [tf.BatchMatMul]: {
    outputs: ({ a, b }, attrs) => {
      const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
      const rows = a!.shape.at(transposeA ? -1 : -2)!;
      const columns = b!.shape.at(transposeB ? -2 : -1)!;
      const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
      return [{ shape: [...batch, rows, columns], dtype: a!.dtype }];
    },
    op: ({ inputs, attrs }) => {
      const { transposeA, transposeB } = attrs as unknown as tf.BatchMatMulAttrs;
      const { a, b } = inputs;
      const attr = { T: typeOf(a!), adj_x: { b: transposeA }, adj_y: { b: transposeB } };
      return { op: 'BatchMatMulV2', inputs: [a!, b!], attr };
    },
  },
  [tf.GatherV2]: {
    outputs: ({ x, indices }, attrs) => {
      const { axis } = attrs as unknown as tf.GatherV2Attrs;
      return [{ shape: x!.shape.toSpliced(axis, 1, ...indices!.shape), dtype: x!.dtype }];
    },
    op: ({ inputs: { x, indices }, attrs }) => ({
      op: 'GatherV2',
      inputs: [x!, indices!, scalarInt((attrs as unknown as tf.GatherV2Attrs).axis)],
      attr: { Tparams: typeOf(x!), Tindices: typeOf(indices!), Taxis: type('int32') },
    }),
  },
  [tf.Conv2D]: {
    outputs: convolved,
    op: ({ inputs, attrs }) => ({
      op: 'Conv2D',
      inputs: [inputs['x']!, inputs['filter']!],
      attr: convolutionAttr(inputs['x']!, attrs),
    }),
  },
  [tf.FusedConv2D]: { outputs: convolved, op: fusedConvolution },
  [tf.MaxPool]: {
    outputs: ({ x }, attrs) => {
      const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolAttrs;
      const shape = x!.shape as [number, number, number, number];
      const { outShape } = tf.backend_util.computePool2DInfo(
        shape,
        filterSize,
        strides,
        1,
        pad,
        dimRoundingMode,
      );
      return [{ shape: outShape, dtype: x!.dtype }];
    },
    op: ({ inputs, attrs }) => {
      const { filterSize, strides, pad } = attrs as unknown as tf.MaxPoolAttrs;
      if (typeof pad !== 'string') throw new Error('a graph model cannot pool with explicit padding');
      return {
        op: 'MaxPool',
        inputs: [inputs['x']!],
        attr: {
          T: typeOf(inputs['x']!),
          ksize: intList([1, ...pair(filterSize), 1]),
          strides: intList([1, ...pair(strides), 1]),
          padding: text(pad.toUpperCase()),
          data_format: text('NHWC'),
        },
      };
    },
  },
  [tf.ResizeNearestNeighbor]: resize('ResizeNearestNeighbor'),
  [tf.ResizeBilinear]: resize('ResizeBilinear'),
};

function elementwise(op: string, dtype?: tf.DataType): KernelRule {
  return {
    outputs: ({ a, b }) => [{ shape: broadcast(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }],
    op: ({ inputs: { a, b } }) => ({ op, inputs: [a!, b!], attr: { T: typeOf(a!) } }),
  };
}

function unary(op: string): KernelRule {
  return {
    outputs: ({ x }) => [same(x!)],
    op: ({ inputs: { x } }) => ({ op, inputs: [x!], attr: { T: typeOf(x!) } }),
  };
}

/** @param axes the kernel's attribute that names the axes to reduce */
function reduction(op: string, axes: string): KernelRule {
  const parse = (x: ValueType, attrs: Attrs) => ({
    reduced: [attrs[axes] as number | number[]].flat().map((axis) => positive(axis, x)),
    keepDims: attrs['keepDims'] === true,
  });
  return {
    outputs: ({ x }, attrs) => {
      const { reduced, keepDims } = parse(x!, attrs);
      const sides = x!.shape.map((side, i) => (reduced.includes(i) ? (keepDims ? 1 : null) : side));
      return [{ shape: sides.filter((side) => side !== null), dtype: x!.dtype }];
    },
    op: ({ inputs: { x }, attrs }) => {
      const { reduced, keepDims } = parse(x!, attrs);
      const attr = { T: typeOf(x!), Tidx: type('int32'), keep_dims: { b: keepDims } };
      return { op, inputs: [x!, ints(reduced)], attr };
    },
  };
}

function resize(op: 'ResizeBilinear' | 'ResizeNearestNeighbor'): KernelRule {
  return {
    outputs: ({ images }, attrs) => {
      const [height, width] = (attrs as unknown as tf.ResizeBilinearAttrs).size;
      const [batch = 0, , , channels = 0] = images!.shape;
      return [{ shape: [batch, height, width, channels], dtype: images!.dtype }];
    },
    op: ({ inputs: { images }, attrs }) => {
      const { size, alignCorners, halfPixelCenters } = attrs as unknown as tf.ResizeBilinearAttrs;
      return {
        op,
        inputs: [images!, ints(size)],
        attr: {
          T: typeOf(images!),
          align_corners: { b: alignCorners },
          half_pixel_centers: { b: halfPixelCenters },
        },
      };
    },
  };
}

function convolved({ x, filter }: Inputs, attrs: Attrs): ValueType[] {
  const { strides, pad, dilations, dimRoundingMode } = attrs as unknown as tf.Conv2DAttrs;
  const { outShape } = tf.backend_util.computeConv2DInfo(
    x!.shape as [number, number, number, number],
    filter!.shape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  return [{ shape: outShape, dtype: x!.dtype }];
}

/** A convolution, its bias and its ReLU in one op, which TensorFlow.js knows by the name TensorFlow's optimiser gives it. */
function fusedConvolution({ inputs: { x, filter, bias }, attrs }: KernelNode): GraphOp {
  const { activation } = attrs as unknown as tf.FusedConv2DAttrs;
  if (activation !== 'linear' && activation !== 'relu') {
    throw new Error(`a convolution fused with ${activation} has no counterpart`);
  }
  const plain = convolutionAttr(x!, attrs);
  if (bias === undefined && activation === 'linear') {
    return { op: 'Conv2D', inputs: [x!, filter!], attr: plain };
  }
  const outputs = filter!.shape[3]!;
  const fused = ['BiasAdd', ...(activation === 'relu' ? ['Relu'] : [])];
  return {
    op: '_FusedConv2D',
    inputs: [x!, filter!, bias ?? { values: new Float32Array(outputs), shape: [outputs] }],
    attr: {
      ...plain,
      num_args: { i: '1' },
      fused_ops: { list: { s: fused.map((name) => base64(name)) } },
      epsilon: { f: 0 },
    },
  };
}

function convolutionAttr(x: ValueType, attrs: Attrs): Record<string, AttrValue> {
  const { strides, pad, dilations, dataFormat } = attrs as unknown as tf.Conv2DAttrs;
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

function reshaped({ shape }: ValueType, attrs: Attrs): number[] {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.util.inferFromImplicitShape((attrs as unknown as tf.ReshapeAttrs).shape, size);
}

function splitSizes(attrs: Attrs, x: ValueType): number[] {
  const { numOrSizeSplits, axis } = attrs as unknown as tf.SplitVAttrs;
  return tf.backend_util.prepareSplitSize(
    { shape: [...x.shape] } as tf.Tensor,
    numOrSizeSplits,
    positive(axis, x),
  );
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
}

function same({ shape, dtype }: ValueType): ValueType {
  return { shape, dtype };
}

function positive(axis: number, { shape }: ValueType): number {
  return axis < 0 ? axis + shape.length : axis;
}

function pair(value: number | readonly number[]): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : [value[0]!, value[1]!];
}

/** The name of a type in TensorFlow. */
export function typeName(dtype: tf.DataType): string {
  const names: Partial<Record<tf.DataType, string>> = {
    float32: 'DT_FLOAT',
    int32: 'DT_INT32',
    bool: 'DT_BOOL',
  };
  const name = names[dtype];
  if (name === undefined) throw new Error(`type ${dtype} has no place in a graph model`);
  return name;
}

function type(dtype: tf.DataType): AttrValue {
  return { type: typeName(dtype) };
}

function typeOf({ dtype }: ValueType): AttrValue {
  return type(dtype);
}

function text(value: string): AttrValue {
  return { s: base64(value) };
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}

function intList(values: readonly number[]): AttrValue {
  return { list: { i: values.map(String) } };
}

function ints(values: readonly number[]): ConstantInput {
  return { values: Int32Array.from(values), shape: [values.length] };
}

function scalarInt(value: number): ConstantInput {
  return { values: Int32Array.of(value), shape: [] };
}
