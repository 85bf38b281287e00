import * as tf from '@tensorflow/tfjs-core';
import {
  nodesInOrder,
  type ConstantNode,
  type ConstantValues,
  type KernelNode,
  type RecordedGraph,
  type RecordedNode,
  type RecordedValue,
} from './recorded-graph.js';

/**
 * Computes once what depends on constants alone, such as a kernel times the gain of its frozen norm, on the process's
 * present backend. The graph is left as it is; the new one shares its nodes.
 */
export function foldConstants(graph: RecordedGraph): RecordedGraph {
  /** What became of each node: itself with folded inputs, or the constants in the place of its outputs. */
  const folded = new Map<RecordedNode, RecordedNode | readonly RecordedValue[]>();
  const follow = (value: RecordedValue): RecordedValue => {
    const now = folded.get(value.node) ?? value.node;
    if (!Array.isArray(now)) return { ...value, node: now as RecordedNode };
    return (now as readonly RecordedValue[])[value.output]!;
  };
  for (const node of nodesInOrder(graph)) {
    if (node.kind !== 'kernel') continue;
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, follow(value)]),
    );
    const rebuilt: KernelNode = { ...node, inputs };
    // A kernel seen in another shape costs nothing when it runs, but would lie in the file twice.
    const constant =
      node.kernel !== tf.Reshape && Object.values(inputs).every((value) => value.node.kind === 'constant');
    folded.set(node, constant ? compute(rebuilt) : rebuilt);
  }
  const outputs = Object.entries(graph.outputs).map(([name, value]) => [name, follow(value)] as const);
  return { inputs: graph.inputs, outputs: Object.fromEntries(outputs) };
}

function compute({ kernel, inputs, attrs }: KernelNode): RecordedValue[] {
  const constants = Object.entries(inputs).map(([key, { node }]) => [key, node as ConstantNode] as const);
  const name = constants.map(([, node]) => node.name).find((known) => known !== null) ?? null;
  tf.engine().startScope();
  try {
    const tensors = constants.map(
      ([key, { values, shape }]) => [key, tf.tensor(values, [...shape], inputs[key]!.dtype)] as const,
    );
    const result: tf.Tensor | tf.Tensor[] = tf
      .engine()
      .runKernel(kernel, Object.fromEntries(tensors), attrs as unknown as tf.NamedAttrMap);
    return [result].flat().map((tensor) => valueOf(tensor, name));
  } finally {
    tf.engine().endScope();
  }
}

function valueOf(tensor: tf.Tensor, name: string | null): RecordedValue {
  const { shape, dtype } = tensor;
  // The backend may hand out its own memory: slice() makes the copy ours.
  const values = tensor.dataSync().slice() as ConstantValues;
  return { node: { kind: 'constant', name, shape, values }, output: 0, shape, dtype };
}
