import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { SafetensorsStream, type SafetensorsMetadata } from '@fedoxnet/shared/weights/safetensors';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';
import type { BlobStore } from '../blobs/blob-store.js';
import { openStoredChunks } from '../blobs/stored-chunks.js';
import type { ReleaseRow } from '../storage/study-tables.js';
import { folderOfRelease } from './seal-release.js';

/** The safetensors file of a release, chunk by chunk. */
export function readRelease(
  { header, ownKey }: ReleaseRow,
  keys: SiteKeys,
  blobs: BlobStore,
): AsyncGenerator<Uint8Array> {
  const seal = chunkSeal(header, openDataKey(ownKey, keys.box.secretKey));
  return openStoredChunks(blobs, folderOfRelease(header), seal);
}

export interface StoredTensor {
  readonly name: string;
  readonly values: Float32Array;
}

/** Names, shapes and metadata of a file; reads no further than its header. */
export async function readModelHeader(
  file: AsyncIterable<Uint8Array>,
): Promise<{ shapes: WeightShapes; metadata: SafetensorsMetadata }> {
  const found: { shapes: WeightShapes; metadata: SafetensorsMetadata }[] = [];
  const stream = new SafetensorsStream({
    onHeader: (shapes, metadata) => found.push({ shapes, metadata }),
    onValues: () => undefined,
  });
  for await (const piece of file) {
    stream.push(piece);
    if (found[0] !== undefined) return found[0];
  }
  stream.end();
  throw new RangeError('A file that ends after its header has shown it.');
}

/** The tensors of a file one after another, each whole. */
export async function* readTensors(file: AsyncIterable<Uint8Array>): AsyncGenerator<StoredTensor> {
  const ready: StoredTensor[] = [];
  const sizes = new Map<string, number>();
  let open: { name: string; values: Float32Array } | null = null;
  const stream = new SafetensorsStream({
    onHeader: (shapes) => {
      for (const [name, shape] of shapes) {
        sizes.set(
          name,
          shape.reduce((product, side) => product * side, 1),
        );
      }
    },
    onValues: (name, offset, values) => {
      open ??= { name, values: new Float32Array(sizes.get(name) ?? 0) };
      open.values.set(values, offset);
      if (offset + values.length === open.values.length) {
        ready.push(open);
        open = null;
      }
    },
  });
  for await (const piece of file) {
    stream.push(piece);
    yield* ready.splice(0);
  }
  stream.end();
}
