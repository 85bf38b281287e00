import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { safetensorsHeader, SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import { checkShapes, type ModelLayout } from '../aggregation/model-layout.js';
import type { AggregationStrategy } from '../aggregation/strategy.js';
import { uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import { openStoredChunks } from '../blobs/stored-chunks.js';
import { readModelHeader, readRelease, readTensors } from '../releases/read-release.js';
import { sealRelease } from '../releases/seal-release.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { ReleaseRow } from '../storage/study-tables.js';

/** An upload that cannot be counted; the round goes on without it. */
export class UpdateRefused extends Error {
  override readonly name = 'UpdateRefused';

  constructor(
    readonly site: string,
    readonly reason: string,
    options: ErrorOptions,
  ) {
    super(`The update of ${site} cannot be counted: ${reason}`, options);
  }
}

export interface Aggregation<Sum> {
  readonly strategy: AggregationStrategy<Sum>;
  readonly model: ModelLayout;
  /** In any order. */
  readonly uploads: readonly UploadRow[];
  /** The release that the sites started from. */
  readonly base: ReleaseRow;
  readonly release: number;
  readonly keys: SiteKeys;
  readonly blobs: BlobStore;
}

async function fold<Sum>(
  { strategy, model, keys, blobs }: Aggregation<Sum>,
  sum: Sum,
  upload: UploadRow,
): Promise<Sum> {
  const { header, id, site } = upload;
  try {
    let folded = strategy.beginUpdate(sum, header.masses);
    const stream = new SafetensorsStream({
      onHeader: (shapes) => checkShapes(model, shapes, `The update of ${site}`),
      onValues: (tensor, offset, values) => {
        folded = strategy.add(folded, { tensor, offset, values });
      },
    });
    const seal = chunkSeal(header, openDataKey(header, keys.box.secretKey));
    for await (const plaintext of openStoredChunks(blobs, uploadFolder(id), seal)) stream.push(plaintext);
    stream.end();
    return folded;
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    throw new UpdateRefused(site, error.message, { cause: error });
  }
}

/**
 * The next global model: reads every sealed update once, in the order of the sites' names, folds it into one sum, and
 * writes the result as a sealed release. Holds one sum, one chunk and one tensor, however many sites there are.
 * @throws {UpdateRefused} the first update that cannot be counted
 */
export async function aggregateUpdates<Sum>(
  aggregation: Aggregation<Sum>,
): Promise<Omit<ReleaseRow, 'createdAt'>> {
  const { strategy, model, uploads, base, release, keys, blobs } = aggregation;
  const ordered = [...uploads].sort((a, b) => (a.site < b.site ? -1 : 1));
  let sum = strategy.begin(model);
  failpoint('coordinator.aggregate.begun');
  for (const upload of ordered) {
    sum = await fold(aggregation, sum, upload);
    failpoint('coordinator.aggregate.folded');
  }
  const { shapes, metadata } = await readModelHeader(readRelease(base, keys, blobs));
  const header = safetensorsHeader(shapes, {
    ...metadata,
    study: base.study,
    plan_hash: base.header.planHash,
    release: String(release),
    counted: ordered.map(({ site }) => site).join(' '),
  });
  async function* file(): AsyncGenerator<Uint8Array> {
    yield header;
    for await (const { name, values } of readTensors(readRelease(base, keys, blobs))) {
      const next = strategy.finish(sum, name, values);
      if (!next.every(Number.isFinite)) {
        throw new FederationError('WEIGHTS_INVALID', `Tensor ${name} of the mean is not finite.`);
      }
      failpoint('coordinator.aggregate.tensor');
      yield bytesFromFloats(next);
    }
  }
  const { study, planHash } = base.header;
  const sealed = await sealRelease({ study, planHash, release }, file, keys, blobs);
  failpoint('coordinator.aggregate.sealed');
  return sealed;
}
