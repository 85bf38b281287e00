import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { hasControls } from '@fedoxnet/shared/study/drift-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { stageOf } from '@fedoxnet/shared/study/stage-plan';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { isControl } from '@fedoxnet/shared/weights/control-variates';
import { shapesOf } from '@fedoxnet/shared/weights/safetensors-header';
import { checkShapes, type ModelLayout } from '../aggregation/model-layout.js';
import { sumTaskOf, type SumOrder, type WeightsOrder } from '../aggregation/sum-messages.js';
import type { SumSeconds } from '../aggregation/sum-task.js';
import { judgeUpdates, sumWindows, type SumPlace } from '../aggregation/sum-windows.js';
import type { Verdict } from '../aggregation/survey.js';
import { uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import type { SealedFile } from '../blobs/sealed-range.js';
import { openStoredChunks } from '../blobs/stored-chunks.js';
import { openUpdateKey, type KeyRing } from '../keys/key-ring.js';
import { readLayout, sealedRelease } from '../releases/read-release.js';
import { dropSealed, folderOfRelease, sealRelease } from '../releases/seal-release.js';
import { dropOtherStates, folderOfState, sealedState, sealState } from '../releases/server-state.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { ReleaseRow } from '../storage/study-tables.js';
import { NextModelFiles } from './next-model-files.js';

export interface Aggregation extends SumPlace {
  readonly plan: StudyPlan;
  readonly model: ModelLayout;
  /** In any order. */
  readonly uploads: readonly UploadRow[];
  /** The release that the sites started from. */
  readonly base: ReleaseRow;
  readonly release: number;
  readonly keys: SiteKeys & Partial<Pick<KeyRing, 'formerBoxSecretKey'>>;
}

/** Seconds of the parts: reading and opening, adding, and writing what is sealed. */
export interface AggregationSeconds extends SumSeconds {
  publish: number;
}

/** A site whose update was not taken as it came, by a rule of the plan. */
export interface Shortened {
  readonly site: string;
  /** What its deltas were multiplied with; 0 where it was set aside. */
  readonly factor: number;
}

export interface NextModel {
  readonly release: Omit<ReleaseRow, 'createdAt'>;
  readonly shortened: readonly Shortened[];
  readonly seconds: AggregationSeconds;
}

/**
 * The next global model: reads every sealed update, in the order of the sites' names, sums them window by window, and writes
 * the result as a sealed release, with the state of the server's optimiser beside it. Memory depends neither on the model nor
 * on how many sites there are. All that it reads is stored, so doing it again comes to the same.
 * @throws {UpdateRefused} the first update that cannot be counted
 */
export async function aggregateUpdates(aggregation: Aggregation): Promise<NextModel> {
  const { plan, model, base, release, keys, blobs } = aggregation;
  const { study, planHash } = base.header;
  const ordered = [...aggregation.uploads].sort((a, b) => (a.site < b.site ? -1 : 1));
  if (!transferOf(plan).keepUploads) await dropOtherStates(study, base.state, blobs);
  const baseOrder = await readOrder(sealedRelease(base, keys), blobs);
  const ofModel = [...shapesOf(baseOrder.layout)].filter(([name]) => !isControl(name));
  checkShapes(model, new Map(ofModel), `Release ${base.number}`);
  const { update: encoding, scales } = transferOf(plan);
  const order: SumOrder = {
    blobs: blobs.root,
    model,
    choice: { encoding, scales },
    aggregation: plan.aggregation,
    modules: stageOf(plan.training.stages, release).modules ?? 'all',
    updates: ordered.map(({ id, site, header }) => ({
      site,
      masses: header.masses,
      folder: uploadFolder(id),
      header,
      dataKey: openUpdateKey(header, keys),
    })),
    base: baseOrder.order,
    state: base.state === null ? null : (await readOrder(sealedState(base.state, keys), blobs)).order,
    controls: hasControls(plan) ? { share: ordered.length / plan.sites.length } : null,
  };
  failpoint('coordinator.aggregate.begun');
  const seconds: AggregationSeconds = { open: 0, add: 0, publish: 0 };
  const verdict = await judgeUpdates(aggregation, order, seconds);
  failpoint('coordinator.aggregate.judged');
  const metadata = {
    ...baseOrder.layout.metadata,
    study,
    plan_hash: planHash,
    release: String(release),
    counted: ordered.map(({ site }) => site).join(' '),
  };
  // Nobody trains from the last release, so it is a model and nothing else, and no state is kept beside it.
  const last = release === plan.rounds;
  const files = NextModelFiles.create(sumTaskOf(order), blobs, { last, metadata });
  const made: string[] = [];
  try {
    for await (const parts of sumWindows(aggregation, order, verdict, seconds)) {
      failpoint('coordinator.aggregate.tensor');
      await files.append(parts);
    }
    failpoint('coordinator.aggregate.folded');
    const started = performance.now();
    const place = { study, planHash, release };
    const kept = await files.state();
    const state = kept === null ? null : await sealState(place, kept, keys, blobs);
    if (state !== null) made.push(folderOfState(state.header));
    failpoint('coordinator.aggregate.kept');
    const sealed = await sealRelease(place, await files.release(), keys, blobs);
    made.push(folderOfRelease(sealed.header));
    failpoint('coordinator.aggregate.sealed');
    seconds.publish = (performance.now() - started) / 1000;
    return { release: { ...sealed, state }, shortened: shortenedBy(verdict, ordered), seconds };
  } catch (error) {
    for (const folder of made) await dropSealed(folder, blobs);
    throw error;
  } finally {
    await files.remove();
  }
}

async function readOrder(file: SealedFile, blobs: BlobStore) {
  const layout = await readLayout(openStoredChunks(blobs, file));
  const { header, dataKey } = file.seal;
  const { tensors: places, dataStart } = layout;
  const order: WeightsOrder = { folder: file.folder, header, dataKey, places, dataStart };
  return { layout, order };
}

function shortenedBy({ kept, factors }: Verdict, ordered: readonly UploadRow[]): Shortened[] {
  return ordered
    .map(({ site }, at) => ({ site, factor: kept[at] === false ? 0 : (factors[at] ?? 1) }))
    .filter(({ factor }) => factor !== 1);
}
