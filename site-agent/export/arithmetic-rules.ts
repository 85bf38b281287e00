import * as tf from '@tensorflow/tfjs-core';
import {
  fromFront,
  int,
  ints,
  rule,
  scalarInt,
  type,
  typeOf,
  type KernelRule,
  type KernelRules,
} from './graph-op.js';

/** Arithmetic on cells, reductions over axes, products of matrices. */
export const ARITHMETIC_RULES: KernelRules = {
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
  [tf.ArgMax]: rule<tf.ArgMaxAttrs>({
    outputs: ({ x }, { axis }) => [{ shape: x!.shape.toSpliced(axis, 1), dtype: 'int32' }],
    op: ({ x }, { axis }) => ({
      op: 'ArgMax',
      inputs: [x!, scalarInt(axis)],
      attr: { T: typeOf(x!), Tidx: type('int32'), output_type: type('int32') },
    }),
  }),
  [tf.AddN]: rule({
    outputs: ({ 0: first }) => [{ shape: first!.shape, dtype: first!.dtype }],
    op: (inputs) => {
      const terms = Object.values(inputs);
      return { op: 'AddN', inputs: terms, attr: { T: typeOf(terms[0]!), N: int(terms.length) } };
    },
  }),
  [tf.BatchMatMul]: rule<tf.BatchMatMulAttrs>({
    outputs: ({ a, b }, { transposeA, transposeB }) => {
      const rows = a!.shape.at(transposeA ? -1 : -2)!;
      const columns = b!.shape.at(transposeB ? -2 : -1)!;
      const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
      return [{ shape: [...batch, rows, columns], dtype: a!.dtype }];
    },
    op: ({ a, b }, { transposeA, transposeB }) => ({
      op: 'BatchMatMulV2',
      inputs: [a!, b!],
      attr: { T: typeOf(a!), adj_x: { b: transposeA }, adj_y: { b: transposeB } },
    }),
  }),
  [tf.Cast]: rule<tf.CastAttrs>({
    outputs: ({ x }, { dtype }) => [{ shape: x!.shape, dtype }],
    op: ({ x }, { dtype }) => ({
      op: 'Cast',
      inputs: [x!],
      attr: { SrcT: typeOf(x!), DstT: type(dtype) },
    }),
  }),
};

/** @param dtype of the result where it is not that of the operands */
function elementwise(op: string, dtype?: tf.DataType): KernelRule {
  return rule({
    outputs: ({ a, b }) => [{ shape: broadcast(a!.shape, b!.shape), dtype: dtype ?? a!.dtype }],
    op: ({ a, b }) => ({ op, inputs: [a!, b!], attr: { T: typeOf(a!) } }),
  });
}

function unary(op: string): KernelRule {
  return rule({
    outputs: ({ x }) => [{ shape: x!.shape, dtype: x!.dtype }],
    op: ({ x }) => ({ op, inputs: [x!], attr: { T: typeOf(x!) } }),
  });
}

type ReductionAttrs<Name extends string> = Record<Name, number | number[]> & { readonly keepDims?: boolean };

/** @param axes the kernel's attribute that names the axes to reduce */
function reduction<Name extends string>(op: string, axes: Name): KernelRule {
  return rule<ReductionAttrs<Name>>({
    outputs: ({ x }, attrs) => {
      const reduced = [attrs[axes]].flat().map((axis) => fromFront(axis, x!));
      const sides = x!.shape.map((side, i) => (reduced.includes(i) ? (attrs.keepDims ? 1 : null) : side));
      return [{ shape: sides.filter((side) => side !== null), dtype: x!.dtype }];
    },
    op: ({ x }, attrs) => ({
      op,
      inputs: [x!, ints([attrs[axes]].flat())],
      attr: { T: typeOf(x!), Tidx: type('int32'), keep_dims: { b: attrs.keepDims === true } },
    }),
  });
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
}
