import * as tf from '@tensorflow/tfjs-core';
import { fromFront, int, ints, rule, scalarInt, type, typeOf, type KernelRules } from './graph-op.js';
import type { ValueType } from './recorded-graph.js';

/** What arranges cells anew without computing. */
export const SHAPE_RULES: KernelRules = {
  [tf.Reshape]: rule<tf.ReshapeAttrs>({
    outputs: ({ x }, attrs) => [{ shape: reshaped(x!, attrs), dtype: x!.dtype }],
    op: ({ x }, attrs) => ({
      op: 'Reshape',
      // The first side follows from the others, so that a batch of any size fits.
      inputs: [x!, ints(reshaped(x!, attrs).with(0, -1))],
      attr: { T: typeOf(x!), Tshape: type('int32') },
    }),
  }),
  [tf.ExpandDims]: rule<tf.ExpandDimsAttrs>({
    outputs: ({ input }, { dim }) => {
      const at = dim < 0 ? input!.shape.length + 1 + dim : dim;
      return [{ shape: input!.shape.toSpliced(at, 0, 1), dtype: input!.dtype }];
    },
    op: ({ input }, { dim }) => ({
      op: 'ExpandDims',
      inputs: [input!, scalarInt(dim)],
      attr: { T: typeOf(input!), Tdim: type('int32') },
    }),
  }),
  [tf.Transpose]: rule<tf.TransposeAttrs>({
    outputs: ({ x }, { perm }) => [{ shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
    op: ({ x }, { perm }) => ({
      op: 'Transpose',
      inputs: [x!, ints(perm)],
      attr: { T: typeOf(x!), Tperm: type('int32') },
    }),
  }),
  [tf.Concat]: rule<tf.ConcatAttrs>({
    outputs: (inputs, attrs) => {
      const parts = Object.values(inputs);
      const axis = fromFront(attrs.axis, parts[0]!);
      const length = parts.reduce((sum, { shape }) => sum + shape[axis]!, 0);
      return [{ shape: parts[0]!.shape.with(axis, length), dtype: parts[0]!.dtype }];
    },
    op: (inputs, attrs) => {
      const parts = Object.values(inputs);
      return {
        op: 'ConcatV2',
        inputs: [...parts, scalarInt(fromFront(attrs.axis, parts[0]!))],
        attr: { T: typeOf(parts[0]!), N: int(parts.length), Tidx: type('int32') },
      };
    },
  }),
  [tf.SplitV]: rule<tf.SplitVAttrs>({
    outputs: ({ x }, attrs) => {
      const axis = fromFront(attrs.axis, x!);
      return splitSizes(x!, attrs).map((size) => ({ shape: x!.shape.with(axis, size), dtype: x!.dtype }));
    },
    op: ({ x }, attrs) => {
      const sizes = splitSizes(x!, attrs);
      return {
        op: 'SplitV',
        inputs: [x!, ints(sizes), scalarInt(fromFront(attrs.axis, x!))],
        attr: { T: typeOf(x!), Tlen: type('int32'), num_split: int(sizes.length) },
      };
    },
  }),
  [tf.PadV2]: rule<tf.PadV2Attrs>({
    outputs: ({ x }, { paddings }) => {
      const shape = x!.shape.map((side, i) => side + paddings[i]![0] + paddings[i]![1]);
      return [{ shape, dtype: x!.dtype }];
    },
    op: ({ x }, { paddings, constantValue }) => ({
      op: 'PadV2',
      inputs: [
        x!,
        { values: Int32Array.from(paddings.flat()), shape: [paddings.length, 2] },
        { values: Float32Array.of(constantValue), shape: [] },
      ],
      attr: { T: typeOf(x!), Tpaddings: type('int32') },
    }),
  }),
  [tf.GatherV2]: rule<tf.GatherV2Attrs>({
    outputs: ({ x, indices }, { axis }) => [
      { shape: x!.shape.toSpliced(axis, 1, ...indices!.shape), dtype: x!.dtype },
    ],
    op: ({ x, indices }, { axis }) => ({
      op: 'GatherV2',
      inputs: [x!, indices!, scalarInt(axis)],
      attr: { Tparams: typeOf(x!), Tindices: typeOf(indices!), Taxis: type('int32') },
    }),
  }),
};

/** With the side written as −1 found out. */
function reshaped({ shape }: ValueType, attrs: tf.ReshapeAttrs): number[] {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.util.inferFromImplicitShape(attrs.shape, size);
}

function splitSizes(x: ValueType, { numOrSizeSplits, axis }: tf.SplitVAttrs): number[] {
  const shaped = { shape: [...x.shape] } as tf.Tensor;
  return tf.backend_util.prepareSplitSize(shaped, numOrSizeSplits, fromFront(axis, x));
}
