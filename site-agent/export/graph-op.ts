import type * as tf from '@tensorflow/tfjs-core';
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

/** What a kernel of TensorFlow.js means in a TensorFlow graph. */
export interface KernelRule {
  /** Shapes and types of what the kernel gives. */
  outputs(inputs: Types, attrs: KernelNode['attrs']): ValueType[];
  op(node: Pick<KernelNode, 'inputs' | 'attrs'>): GraphOp;
}

export type KernelRules = Readonly<Record<string, KernelRule>>;
export type Types = Readonly<Record<string, ValueType>>;
export type Values = Readonly<Record<string, RecordedValue>>;

/** A rule for a kernel whose attributes are of type A: tfjs-core has an interface for each. */
export function rule<A>(of: {
  outputs(inputs: Types, attrs: A): ValueType[];
  op(inputs: Values, attrs: A): GraphOp;
}): KernelRule {
  return {
    outputs: (inputs, attrs) => of.outputs(inputs, attrs as A),
    op: ({ inputs, attrs }) => of.op(inputs, attrs as A),
  };
}

const TYPE_NAMES: Partial<Record<tf.DataType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
};

/** The name of a type in TensorFlow. */
export function typeName(dtype: tf.DataType): string {
  const name = TYPE_NAMES[dtype];
  if (name === undefined) throw new Error(`type ${dtype} has no place in a graph model`);
  return name;
}

export function type(dtype: tf.DataType): AttrValue {
  return { type: typeName(dtype) };
}

export function typeOf({ dtype }: ValueType): AttrValue {
  return type(dtype);
}

export function text(value: string): AttrValue {
  return { s: base64(value) };
}

export function textList(values: readonly string[]): AttrValue {
  return { list: { s: values.map(base64) } };
}

export function int(value: number): AttrValue {
  return { i: String(value) };
}

export function intList(values: readonly number[]): AttrValue {
  return { list: { i: values.map(String) } };
}

/** A list of numbers as an input. */
export function ints(values: readonly number[]): ConstantInput {
  return { values: Int32Array.from(values), shape: [values.length] };
}

/** One number as an input. */
export function scalarInt(value: number): ConstantInput {
  return { values: Int32Array.of(value), shape: [] };
}

/** An axis counted from the front, where −1 is the last. */
export function fromFront(axis: number, { shape }: ValueType): number {
  return axis < 0 ? axis + shape.length : axis;
}

function base64(value: string): string {
  return Buffer.from(value).toString('base64');
}
