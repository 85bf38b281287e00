import type { GraphDef, GraphWeight } from './graph-def.js';

/** As the converter of TensorFlow.js divides weights, so that a browser caches and fetches them in parallel. */
const SHARD_BYTES = 4 * 1024 * 1024;

export interface ModelFolderFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/**
 * The files of a TensorFlow.js graph model: weight shards and, last, `model.json`, which names them.
 * @param metadata goes into `userDefinedMetadata`
 */
export function graphModelFiles(
  { nodes, weights, signature }: GraphDef,
  { generatedBy, metadata }: { readonly generatedBy: string; readonly metadata: object },
): ModelFolderFile[] {
  const bytes = Buffer.concat(weights.map(weightBytes));
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES));
  const shards = Array.from({ length: count }, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    content: bytes.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES),
  }));
  const model = {
    format: 'graph-model',
    generatedBy,
    convertedBy: generatedBy,
    signature,
    // Named outputs: `predict` gives { classScores, boxes, … } instead of a list.
    userDefinedMetadata: { structuredOutputKeys: Object.keys(signature.outputs), ...metadata },
    modelTopology: { node: nodes, library: {}, versions: { producer: 1395, minConsumer: 12 } },
    weightsManifest: [
      {
        paths: shards.map(({ name }) => name),
        weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  };
  return [...shards, { name: 'model.json', content: `${JSON.stringify(model)}\n` }];
}

function weightBytes({ values }: GraphWeight): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
