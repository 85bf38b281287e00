import type * as tf from '@tensorflow/tfjs-core';

export interface ValueType {
  readonly shape: readonly number[];
  readonly dtype: tf.DataType;
}

/** One tensor of a recorded computation: which node makes it, as which of its outputs. */
export interface RecordedValue extends ValueType {
  readonly node: RecordedNode;
  readonly output: number;
}

/** Numbers of a constant: as many as its shape says. */
export type ConstantValues = Float32Array | Int32Array | Uint8Array;

export interface InputNode {
  readonly kind: 'input';
  readonly name: string;
}

export interface ConstantNode {
  readonly kind: 'constant';
  /** Given by whoever knows what it is; null for a number that an op brought along. */
  readonly name: string | null;
  readonly shape: readonly number[];
  readonly values: ConstantValues;
}

/** One call of a kernel of TensorFlow.js, by the kernel's own name. */
export interface KernelNode {
  readonly kind: 'kernel';
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, RecordedValue>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

export type RecordedNode = InputNode | ConstantNode | KernelNode;

/** A computation from its inputs to the named outputs. */
export interface RecordedGraph {
  readonly inputs: readonly RecordedValue[];
  readonly outputs: Readonly<Record<string, RecordedValue>>;
}

/** All nodes the outputs depend on, each after those it takes its inputs from; shared ones once. */
export function nodesInOrder({ outputs }: Pick<RecordedGraph, 'outputs'>): RecordedNode[] {
  const order = new Set<RecordedNode>();
  // By hand, since a deep network would overflow the stack of a recursion.
  const stack = Object.values(outputs).map(({ node }) => ({ node, expanded: false }));
  while (stack.length > 0) {
    const { node, expanded } = stack.pop()!;
    if (order.has(node)) continue;
    if (expanded || node.kind !== 'kernel') order.add(node);
    else {
      stack.push({ node, expanded: true });
      for (const input of Object.values(node.inputs)) stack.push({ node: input.node, expanded: false });
    }
  }
  return [...order];
}
