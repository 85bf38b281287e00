import * as tf from '@tensorflow/tfjs-core';
import {
  type ConstantNode,
  type ConstantValues,
  type KernelNode,
  type RecordedGraph,
  type RecordedValue,
} from './recorded-graph.js';
import { rewriteGraph } from './rewrite-graph.js';

/**
 * Computes once what depends on constants alone, such as a kernel times the gain of its frozen norm, on the process's
 * present backend.
 */
export function foldConstants(graph: RecordedGraph): RecordedGraph {
  return rewriteGraph(graph, (call) => {
    const isConstant = Object.values(call.inputs).every(({ node }) => node.kind === 'constant');
    // A kernel seen in another shape costs nothing when it runs, but would lie in the file twice.
    return isConstant && call.kernel !== tf.Reshape ? compute(call) : null;
  });
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
    return [result].flat().map((tensor) => constantValue(tensor, name));
  } finally {
    tf.engine().endScope();
  }
}

function constantValue(tensor: tf.Tensor, name: string | null): RecordedValue {
  const { shape, dtype } = tensor;
  // The backend may hand out its own memory: slice() makes the copy ours.
  const values = tensor.dataSync().slice() as ConstantValues;
  return { node: { kind: 'constant', name, shape, values }, output: 0, shape, dtype };
}
