import * as tf from '@tensorflow/tfjs-core';
import {
  nodesInOrder,
  type ConstantNode,
  type KernelNode,
  type RecordedGraph,
  type RecordedNode,
  type RecordedValue,
} from './recorded-graph.js';

/**
 * The network looks cells up in a list that runs over all films of the batch (`model/gathered-correlation.ts`), with a
 * table made for that many films. Here each such look-up becomes one within each film, so that the graph takes a batch
 * of any size:
 *
 *     gather(pad(rows [B · R, C], one row of zeros), table [B · n])
 *       → reshape(gather(pad(reshape(rows) [B, R, C], one row of zeros each), table of the first film [n], axis 1)) [B · n, C]
 *
 * @throws {Error} when a table does not say the same for each film
 */
export function gatherPerFilm(graph: RecordedGraph, batch: number): RecordedGraph {
  const rewritten = new Map<RecordedNode, RecordedValue>();
  const follow = (value: RecordedValue): RecordedValue => rewritten.get(value.node) ?? value;
  const renewed = new Map<RecordedNode, KernelNode>();
  for (const node of nodesInOrder(graph)) {
    if (node.kind !== 'kernel') continue;
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => {
        const now = follow(value);
        return [name, { ...now, node: renewed.get(now.node) ?? now.node }];
      }),
    );
    const now: KernelNode = { ...node, inputs };
    renewed.set(node, now);
    const overAll = node.kernel === tf.GatherV2 && inputs['indices']!.node.kind === 'constant';
    if (overAll) rewritten.set(node, perFilm(now, batch));
  }
  const outputs = Object.entries(graph.outputs).map(([name, value]) => {
    const now = follow(value);
    return [name, { ...now, node: renewed.get(now.node) ?? now.node }] as const;
  });
  return { inputs: graph.inputs, outputs: Object.fromEntries(outputs) };
}

function perFilm({ inputs, attrs }: KernelNode, batch: number): RecordedValue {
  const padded = inputs['x']!;
  const table = inputs['indices']!.node as ConstantNode;
  const { node: pad } = padded;
  const { axis } = attrs as unknown as tf.GatherV2Attrs;
  if (pad.kind !== 'kernel' || pad.kernel !== tf.PadV2 || axis !== 0 || padded.shape.length !== 2) {
    throw new Error('a look-up over all films is not one in rows with a row of zeros behind them');
  }
  const rows = pad.inputs['x']!;
  const [total = 0, channels = 0] = rows.shape;
  const cells = total / batch;
  const places = table.values.length / batch;
  const first = Int32Array.from(table.values.subarray(0, places), (cell) => (cell === total ? cells : cell));
  table.values.forEach((cell, i) => {
    const film = Math.floor(i / places);
    const local = first[i % places]!;
    if (cell !== (local === cells ? total : film * cells + local)) {
      throw new Error('a look-up over all films reaches from one film into another');
    }
  });
  const call = (
    kernel: string,
    given: Record<string, RecordedValue>,
    attributes: object,
    shape: number[],
  ): RecordedValue => ({
    node: { kind: 'kernel', kernel, inputs: given, attrs: attributes as Record<string, unknown> },
    ...{ output: 0, shape, dtype: 'float32' },
  });
  const perFilmShape = [batch, cells, channels];
  const separate = call(tf.Reshape, { x: rows }, { shape: perFilmShape }, perFilmShape);
  const margins = { paddings: [[0, 0], [0, 1], [0, 0]], constantValue: 0 }; // prettier-ignore
  const behind = call(tf.PadV2, { x: separate }, margins, [batch, cells + 1, channels]);
  const indices: RecordedValue = {
    node: { kind: 'constant', name: 'neighbours', shape: [places], values: first },
    ...{ output: 0, shape: [places], dtype: 'int32' },
  };
  const taken = call(tf.GatherV2, { x: behind, indices }, { axis: 1, batchDims: 0 }, [
    batch,
    places,
    channels,
  ]);
  const shape = [batch * places, channels];
  return call(tf.Reshape, { x: taken }, { shape }, shape);
}
