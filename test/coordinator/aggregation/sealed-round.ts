import type { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { chunkKey, uploadFolder } from '@fedoxnet/coordinator/blobs/blob-store';
import { modelLayout } from '@fedoxnet/coordinator/aggregation/model-layout';
import type { FileOrder, SumOrder } from '@fedoxnet/coordinator/aggregation/sum-messages';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { chunkCount, chunkSeal, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import { generateDataKey, generateNoncePrefix, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import type { TensorRoles, UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { parseSafetensorsHeader } from '@fedoxnet/shared/weights/safetensors-header';
import type { EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';

export const FP32: EncodingChoice = { encoding: 'fp32', scales: 'tensor' };

export function massesOf(films: number): UpdateMasses {
  return { films, positives: 0, classRows: [0, 0], globalRows: [0, 0], prototypeRows: [0, 0] };
}

/** One for all, so that preparing a round leaves no garbage whose amount depends on the number of sites. */
const BUFFER = Buffer.alloc(SEALED_CHUNK_BYTES);

/** Seals `file` into the store as the upload `id`. */
async function store(blobs: FolderBlobStore, id: string, file: Uint8Array): Promise<FileOrder> {
  const dataKey = generateDataKey();
  const header: UpdateHeader = {
    kind: 'update',
    version: 1,
    study: 's',
    planHash: 'a'.repeat(64),
    digest: digestOf(file),
    bytes: file.length,
    chunks: chunkCount(file.length),
    noncePrefix: generateNoncePrefix(),
    site: id,
    round: 1,
    attempt: 1,
    base: 'b'.repeat(64),
    encoding: 'fp32',
    masses: massesOf(1),
    ...sealDataKey(dataKey, publicKeysOf(generateKeys()).boxKey),
  };
  const seal = chunkSeal(header, dataKey);
  for (let index = 0; index < header.chunks; index += 1) {
    const plaintext = file.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const sealed = sealChunk(seal, index, plaintext, BUFFER);
    await blobs.put(chunkKey(uploadFolder(id), index), [sealed], sealed.length);
  }
  return { folder: uploadFolder(id), header, dataKey };
}

/** A round whose updates are files as they travel, by films of their sites; sealed in `blobs`, ready to be summed. */
export async function sealedRound(
  blobs: FolderBlobStore,
  shapes: WeightShapes,
  base: Uint8Array,
  updates: readonly { readonly films: number; readonly file: Uint8Array; readonly masses?: UpdateMasses }[],
  choice: EncodingChoice,
  {
    roles = Object.fromEntries([...shapes.keys()].map((name) => [name, { module: 'backbone' }])),
    aggregation = { strategy: 'weighted-mean', prototypeDecay: 0 },
  }: { readonly roles?: TensorRoles; readonly aggregation?: AggregationPlan } = {},
): Promise<SumOrder> {
  const { tensors, dataStart } = parseSafetensorsHeader(base);
  const orders: SumOrder['updates'][number][] = [];
  for (const [index, { films, file, masses = massesOf(films) }] of updates.entries()) {
    const site = `site-${index}`;
    orders.push({ ...(await store(blobs, site, file)), site, masses });
  }
  return {
    blobs: blobs.root,
    model: modelLayout(shapes, roles, 2),
    choice,
    aggregation,
    modules: 'all',
    updates: orders,
    base: { ...(await store(blobs, 'base', base)), places: tensors, dataStart },
    state: null,
    controls: null,
  };
}
