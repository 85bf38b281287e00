import * as tf from '@tensorflow/tfjs-core';
import type { ConstantNode, KernelNode, RecordedGraph, RecordedValue } from './recorded-graph.js';
import { rewriteGraph } from './rewrite-graph.js';

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
  return rewriteGraph(graph, (call) => {
    const overAll = call.kernel === tf.GatherV2 && call.inputs['indices']?.node.kind === 'constant';
    return overAll ? [perFilm(call, batch)] : null;
  });
}

function perFilm({ inputs, attrs }: KernelNode, batch: number): RecordedValue {
  const { x: padded, indices } = inputs;
  const pad = padded!.node;
  const { axis } = attrs as unknown as tf.GatherV2Attrs;
  if (pad.kind !== 'kernel' || pad.kernel !== tf.PadV2 || axis !== 0 || padded!.shape.length !== 2) {
    throw new Error('a look-up over all films is not one in rows with a row of zeros behind them');
  }
  const rows = pad.inputs['x']!;
  const [total = 0, channels = 0] = rows.shape;
  const cells = total / batch;
  const table = tableOfFirst((indices!.node as ConstantNode).values, total, batch);
  const places = table.length;
  const separate = [batch, cells, channels];
  const margins = [
    [0, 0],
    [0, 1],
    [0, 0],
  ];
  const films = call(tf.Reshape, { x: rows }, { shape: separate }, separate);
  const padding = { paddings: margins, constantValue: 0 };
  const behind = call(tf.PadV2, { x: films }, padding, [batch, cells + 1, channels]);
  const neighbours: RecordedValue = {
    node: { kind: 'constant', name: 'neighbours', shape: [places], values: table },
    ...{ output: 0, shape: [places], dtype: 'int32' },
  };
  const lookUp = { x: behind, indices: neighbours };
  const taken = call(tf.GatherV2, lookUp, { axis: 1, batchDims: 0 }, [batch, places, channels]);
  const together = [batch * places, channels];
  return call(tf.Reshape, { x: taken }, { shape: together }, together);
}

/** @param total rows of all films together, which as an entry means the row of zeros */
function tableOfFirst(table: ConstantNode['values'], total: number, batch: number): Int32Array {
  const [cells, places] = [total / batch, table.length / batch];
  const first = Int32Array.from(table.subarray(0, places), (cell) => (cell === total ? cells : cell));
  table.forEach((cell: number, i: number) => {
    const local = first[i % places]!;
    const expected = local === cells ? total : Math.floor(i / places) * cells + local;
    if (cell !== expected) throw new Error('a look-up over all films reaches from one film into another');
  });
  return first;
}

function call(
  kernel: string,
  inputs: Readonly<Record<string, RecordedValue>>,
  attrs: Readonly<Record<string, unknown>>,
  shape: readonly number[],
): RecordedValue {
  return { node: { kind: 'kernel', kernel, inputs, attrs }, output: 0, shape, dtype: 'float32' };
}
