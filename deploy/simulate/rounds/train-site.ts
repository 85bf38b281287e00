import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { keepsOwn, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { updateMasses } from '@fedoxnet/shared/weights/roles';
import { encodeUpdate } from '@fedoxnet/site-agent/agent/encode-update';
import { measureFile } from '@fedoxnet/site-agent/agent/measure-file';
import { findCarried, keepCarried, pendingCarried } from '@fedoxnet/site-agent/agent/carried-weights';
import type { BackendWish } from '@fedoxnet/site-agent/backend/select-backend';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { readJsonFile } from '@fedoxnet/site-agent/files/json-file';
import { lossTerms } from '@fedoxnet/site-agent/trainer/ipc';
import type { FilmFolder } from '../films/film-store.js';
import type { WorkerPool } from '../workers/worker-pool.js';
import type { ReleaseFile, UpdateFile } from './exchange.js';

/** Where one hospital's films and files lie. */
export interface SitePlace {
  readonly site: string;
  readonly films: FilmFolder;
  /** The trainer's own folder: checkpoints, residuals. */
  readonly work: string;
}

export interface SiteRound {
  readonly place: SitePlace;
  readonly plan: StudyPlan;
  readonly round: number;
  readonly base: ReleaseFile;
  readonly pool: WorkerPool;
  readonly backend: BackendWish;
  readonly onSteps: (steps: number) => void;
}

/** A hospital's part of a round that is done, kept beside its update. */
const trainedRecord = z.strictObject({
  base: z.string(),
  planHash: z.string(),
  /** Of the update as it is handed over. */
  digest: z.string(),
  masses: updateMasses,
  losses: lossTerms,
  steps: z.number().int(),
  peakRssMb: z.number(),
});
type TrainedRecord = z.infer<typeof trainedRecord>;

export interface SiteTrained extends Pick<TrainedRecord, 'losses' | 'steps' | 'peakRssMb'> {
  readonly update: UpdateFile;
  /** To be called when the round is over. */
  readonly forget: () => Promise<void>;
}

/** Trains one hospital for one round, or finds that it was done, and encodes its update as the plan says. */
export async function trainSite(siteRound: SiteRound): Promise<SiteTrained> {
  const { place, plan, round, onSteps } = siteRound;
  const { site, work } = place;
  await mkdir(work, { recursive: true });
  // Or a process that was killed just after a round would begin the next one with less.
  await keepAll(work, round - 1);
  const path = join(work, `update-${round}.safetensors`);
  const recordPath = join(work, `trained-${round}.json`);
  let record = await keptRecord(recordPath, path, siteRound);
  if (record === null) {
    record = await train(siteRound, path);
    await writeFileAtomic(recordPath, JSON.stringify(record));
  } else {
    onSteps(plan.training.localSteps);
  }
  const { masses, losses, steps, peakRssMb } = record;
  return {
    update: { site, path, masses },
    ...{ losses, steps, peakRssMb },
    forget: async () => {
      await keepAll(work, round);
      await rm(recordPath, { force: true });
      await rm(path, { force: true });
    },
  };
}

/** With which norms a hospital scores the release of a round that it has just trained in, where they stay with it. */
export async function ownNorms(
  plan: StudyPlan,
  place: SitePlace | undefined,
  round: number,
): Promise<{ own?: string }> {
  if (plan.training.norms !== 'local' || place === undefined) return {};
  const own = pendingCarried('own', place.work, round);
  return existsSync(own) ? { own } : {};
}

/** The round is over: what it left for the next one holds. */
async function keepAll(work: string, round: number): Promise<void> {
  for (const kind of ['residual', 'own'] as const) await keepCarried(kind, work, round);
}

async function keptRecord(
  recordPath: string,
  update: string,
  { plan, base }: SiteRound,
): Promise<TrainedRecord | null> {
  const record = await readJsonFile(recordPath, trainedRecord, 'DATA_INVALID').catch(() => null);
  if (record?.base !== base.digest || record.planHash !== planHash(plan)) return null;
  return (await measureFile(update))?.digest === record.digest ? record : null;
}

async function train(
  { place, plan, round, base, pool, backend, onSteps }: SiteRound,
  path: string,
): Promise<TrainedRecord> {
  const { site, films, work } = place;
  const transfer = transferOf(plan);
  // What the trainer writes is what is handed over, unless the plan asks for smaller numbers.
  const plain = transfer.update === 'fp32' ? path : join(work, `delta-${round}.safetensors`);
  let reported = 0;
  const onStep = (step: number): void => {
    onSteps(step - reported);
    reported = step;
  };
  const hash = planHash(plan);
  const before = keepsOwn(plan) ? await findCarried('own', work, hash, round) : null;
  const own = keepsOwn(plan)
    ? { ownNext: pendingCarried('own', work, round), ...(before === null ? {} : { own: before }) }
    : {};
  const trained = await pool.run<'train'>(
    {
      kind: 'train',
      prepare: { kind: 'prepare', plan, data: films.folder, work, cache: films.cache, backend },
      train: { kind: 'train', round, attempt: 1, global: base.path, update: plain, ...own },
    },
    onStep,
  );
  onStep(plan.training.localSteps);
  if (plain !== path) {
    await encodeUpdate({
      ...{ study: plan.study, planHash: hash, site, round, transfer, folder: work, plain, encoded: path },
    });
    await rm(plain, { force: true });
  }
  const measure = await measureFile(path);
  const { masses, losses, steps, peakRssMb } = trained;
  return {
    base: base.digest,
    planHash: hash,
    digest: measure?.digest ?? '',
    masses,
    losses,
    steps,
    peakRssMb,
  };
}
