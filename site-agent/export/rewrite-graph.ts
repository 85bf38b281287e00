import {
  nodesInOrder,
  type KernelNode,
  type RecordedGraph,
  type RecordedNode,
  type RecordedValue,
} from './recorded-graph.js';

/**
 * A graph with some of its kernel calls replaced. The given one is left as it is; what is not replaced is shared.
 * @param replace is asked for each call, its inputs rewritten already; the values that stand for its outputs, or null
 */
export function rewriteGraph(
  graph: RecordedGraph,
  replace: (call: KernelNode) => readonly RecordedValue[] | null,
): RecordedGraph {
  const kept = new Map<RecordedNode, KernelNode>();
  const replaced = new Map<RecordedNode, readonly RecordedValue[]>();
  const follow = (value: RecordedValue): RecordedValue =>
    replaced.get(value.node)?.[value.output] ?? { ...value, node: kept.get(value.node) ?? value.node };
  const followAll = (values: Readonly<Record<string, RecordedValue>>): Record<string, RecordedValue> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, follow(value)]));
  for (const node of nodesInOrder(graph)) {
    if (node.kind !== 'kernel') continue;
    const call: KernelNode = { ...node, inputs: followAll(node.inputs) };
    const values = replace(call);
    if (values === null) kept.set(node, call);
    else replaced.set(node, values);
  }
  return { inputs: graph.inputs, outputs: followAll(graph.outputs) };
}
