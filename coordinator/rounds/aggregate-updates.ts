import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { safetensorsHeader, shapesOf } from '@fedoxnet/shared/weights/safetensors';
import { checkShapes, type ModelLayout } from '../aggregation/model-layout.js';
import type { SumOrder } from '../aggregation/sum-messages.js';
import type { SumSeconds } from '../aggregation/sum-window.js';
import { sumWindows } from '../aggregation/sum-windows.js';
import { uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import { openUpdateKey, type KeyRing } from '../keys/key-ring.js';
import { readLayout, readRelease, sealedRelease } from '../releases/read-release.js';
import { sealRelease } from '../releases/seal-release.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { ReleaseRow } from '../storage/study-tables.js';

export interface Aggregation {
  readonly plan: StudyPlan;
  readonly model: ModelLayout;
  /** In any order. */
  readonly uploads: readonly UploadRow[];
  /** The release that the sites started from. */
  readonly base: ReleaseRow;
  readonly release: number;
  readonly keys: SiteKeys & Partial<Pick<KeyRing, 'formerBoxSecretKey'>>;
  readonly blobs: BlobStore;
}

/** Seconds of the parts: reading and opening, adding, and writing the sealed release. */
export interface AggregationSeconds extends SumSeconds {
  publish: number;
}

/**
 * The next global model: reads every sealed update once, in the order of the sites' names, sums them tensor by tensor,
 * and writes the result as a sealed release. Memory depends neither on the model nor on how many sites there are.
 * @throws {UpdateRefused} the first update that cannot be counted
 */
export async function aggregateUpdates(
  aggregation: Aggregation,
): Promise<{ release: Omit<ReleaseRow, 'createdAt'>; seconds: AggregationSeconds }> {
  const { plan, model, base, release, keys, blobs } = aggregation;
  const ordered = [...aggregation.uploads].sort((a, b) => (a.site < b.site ? -1 : 1));
  const layout = await readLayout(readRelease(base, keys, blobs));
  checkShapes(model, shapesOf(layout), `Release ${base.number}`);
  const { scales } = transferOf(plan);
  const { folder, seal } = sealedRelease(base, keys);
  const order: SumOrder = {
    blobs: blobs.root,
    model,
    choice: { encoding: transferOf(plan).update, scales },
    aggregation: plan.aggregation,
    updates: ordered.map(({ id, site, header }) => ({
      site,
      masses: header.masses,
      folder: uploadFolder(id),
      header,
      dataKey: openUpdateKey(header, keys),
    })),
    base: {
      folder,
      header: seal.header,
      dataKey: seal.dataKey,
      places: layout.tensors,
      dataStart: layout.dataStart,
    },
  };
  failpoint('coordinator.aggregate.begun');
  const seconds: AggregationSeconds = { open: 0, add: 0, publish: 0 };
  const header = safetensorsHeader(shapesOf(layout), {
    ...layout.metadata,
    study: base.study,
    plan_hash: base.header.planHash,
    release: String(release),
    counted: ordered.map(({ site }) => site).join(' '),
  });
  const scratch = await blobs.scratch();
  try {
    await scratch.append(header);
    for await (const values of sumWindows(blobs, order, seconds)) {
      failpoint('coordinator.aggregate.tensor');
      await scratch.append(bytesFromFloats(values));
    }
    failpoint('coordinator.aggregate.folded');
    const started = performance.now();
    const { study, planHash } = base.header;
    const sealed = await sealRelease({ study, planHash, release }, () => scratch.read(), keys, blobs);
    failpoint('coordinator.aggregate.sealed');
    seconds.publish = (performance.now() - started) / 1000;
    return { release: sealed, seconds };
  } finally {
    await scratch.remove();
  }
}
