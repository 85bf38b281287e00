import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { roundMetricsOf } from '@fedoxnet/shared/evaluation/round-metrics';
import { updatesNeeded } from '@fedoxnet/shared/study/robust-quorum';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { keepsOwn, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { measureFile } from '@fedoxnet/site-agent/agent/measure-file';
import { requireStage } from '@fedoxnet/site-agent/agent/stage-gate';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { readJsonFile } from '@fedoxnet/site-agent/files/json-file';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import type { BackendWish } from '@fedoxnet/site-agent/backend/select-backend';
import type { Cell, CellSite } from '../experiment/cells.js';
import type { FilmFolder } from '../films/film-store.js';
import type { WorkerPool } from '../workers/worker-pool.js';
import { cellRecord, type CellRecord, type Evaluation, type RoundRecord } from './cell-result.js';
import type { Exchange, ReleaseFile, UpdateFile } from './exchange.js';
import { statePath } from './sealed-exchange.js';
import { ownNorms, trainSite, type SitePlace } from './train-site.js';

export interface CellTools {
  readonly pool: WorkerPool;
  readonly films: (site: CellSite, split: 'train' | 'val', cell: Cell) => Promise<FilmFolder>;
  readonly exchange: (root: string) => Promise<Exchange>;
  readonly backend: BackendWish;
  /** Folder that everything of this cell lies in. */
  readonly folder: string;
  /** Gets optimiser steps as they are done, also those that a resumed cell had done before. */
  readonly onSteps: (steps: number) => void;
}

/** Raised when something that is no part of a cell changes its result. */
const VERSION = 4;

export function cellKey({ plan, sites }: Cell): string {
  // What a run is called decides nothing: its label may be reworded.
  return digestOf(canonicalJson([VERSION, { ...plan, title: '' }, sites]));
}

export function yardstickKey({ yardstick, every }: Cell): string {
  return digestOf(canonicalJson([VERSION, yardstick, every]));
}

export function cellRecordPath(folder: string): string {
  return join(folder, 'cell.json');
}

/** What was kept of a cell; null when there is nothing, or it belongs to another. */
export async function keptRecord(folder: string, key: string): Promise<CellRecord | null> {
  const record = await readJsonFile(cellRecordPath(folder), cellRecord, 'DATA_INVALID').catch(() => null);
  return record?.key === key ? record : null;
}

/**
 * One federated training from its first model to its last release, as a coordinator leads it, each hospital's part done by
 * its own trainer. It goes on where it was: after the last round, and in it after the last checkpoint of each hospital. Of
 * another yardstick the releases stay, and the last one is scored anew.
 */
export async function runCell(cell: Cell, tools: CellTools): Promise<CellRecord> {
  const { plan } = cell;
  const { folder, onSteps } = tools;
  const [key, yardstick] = [cellKey(cell), yardstickKey(cell)];
  const kept = await keptRecord(folder, key);
  if (kept !== null && isFinished(cell, kept) && kept.yardstick === yardstick) {
    onSteps(kept.rounds.length * plannedSteps(cell));
    return kept;
  }
  let { record, release } = (kept && (await resumed(cell, folder, kept))) ?? (await begun(cell, folder));
  onSteps(record.rounds.length * plannedSteps(cell));

  const places = await placesOf(cell, tools);
  const exchange = await tools.exchange(join(folder, 'exchange'));
  if (record.yardstick !== yardstick) {
    const isDue = record.rounds.length > 0 && isScored(cell, release.number);
    record = {
      ...record,
      yardstick,
      evaluations: isDue ? [await evaluate(cell, places, release, tools)] : [],
    };
    await keep(folder, record);
  }
  while (!isFinished(cell, record)) {
    const round: number = record.rounds.length + 1;
    const base = release;
    const started = performance.now();
    const taking = await takingPart(plan, round, places.train);
    requireEnough(plan, round, taking.length);
    onSteps((places.train.length - taking.length) * plan.training.localSteps);
    const trained = await Promise.all(
      taking.map((place) => trainSite({ place, plan, round, base, ...tools })),
    );
    const exchanging = performance.now();
    release = await exchange.nextRelease({
      ...{ plan, round, base, updates: trained.map(({ update }): UpdateFile => update) },
      path: releasePath(folder, round),
    });
    const evaluating = performance.now();
    const evaluation: Evaluation | null = isScored(cell, round)
      ? await evaluate(cell, places, release, tools)
      : null;
    const made: RoundRecord = {
      round,
      digest: release.digest,
      losses: Object.fromEntries(trained.map(({ update, losses }) => [update.site, losses])),
      steps: trained.reduce((sum, { steps }) => sum + steps, 0),
      seconds: {
        training: (exchanging - started) / 1000,
        exchange: (evaluating - exchanging) / 1000,
        evaluation: (performance.now() - evaluating) / 1000,
      },
    };
    record = {
      ...record,
      rounds: [...record.rounds, made],
      evaluations: [...record.evaluations, ...(evaluation === null ? [] : [evaluation])],
      peakRssMb: Math.max(record.peakRssMb, ...trained.map(({ peakRssMb }) => peakRssMb)),
    };
    await keep(folder, record);
    // Only now: until then a killed cell still needs them.
    await Promise.all(trained.map(({ forget }) => forget()));
    for (const path of [base.path, statePath(base.path)]) await rm(path, { force: true });
  }
  for (const part of ['exchange', 'sites', 'evaluation'])
    await rm(join(folder, part), { recursive: true, force: true });
  return record;
}

export function isFinished({ plan }: Cell, { rounds }: CellRecord): boolean {
  return rounds.length >= plan.rounds;
}

/** Optimiser steps of one round, for the progress bar: a hospital that cannot learn yet does fewer. */
export function plannedSteps({ plan, sites }: Cell): number {
  return plan.training.localSteps * sites.length;
}

function isScored({ plan, every }: Cell, round: number): boolean {
  return round % every === 0 || round === plan.rounds;
}

function releasePath(folder: string, round: number): string {
  return join(folder, `release-${round}.safetensors`);
}

/** Where a cell stands: what is kept of it, and the release that it goes on from. */
interface Standing {
  readonly record: CellRecord;
  readonly release: ReleaseFile;
}

async function begun(cell: Cell, folder: string): Promise<Standing> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { weights, metadata } = await initialModel(cell.plan);
  const bytes = encodeSafetensors(weights, metadata);
  const release = { number: 0, path: releasePath(folder, 0), digest: digestOf(bytes) };
  await writeFileAtomic(release.path, bytes);
  const { name, run, value, seed } = cell;
  const record: CellRecord = {
    ...{ version: 1, key: cellKey(cell), yardstick: yardstickKey(cell), name, run: run.name, value, seed },
    sites: cell.sites.map((site) => site.name),
    ...{ first: release.digest, rounds: [], evaluations: [], peakRssMb: 0 },
  };
  await keep(folder, record);
  return { record, release };
}

/** @returns null when the release that the record ends with is not there as it was, or a score would need an earlier one */
async function resumed(cell: Cell, folder: string, record: CellRecord): Promise<Standing | null> {
  if (record.yardstick !== yardstickKey(cell)) {
    const earlier = record.rounds.slice(0, -1).some(({ round }) => isScored(cell, round));
    // What a hospital keeps of the model for itself went with the last round.
    if (earlier || keepsOwn(cell.plan)) return null;
  }
  const last = record.rounds.at(-1);
  const number = last?.round ?? 0;
  const digest = last?.digest ?? record.first;
  const path = releasePath(folder, number);
  const measure = await measureFile(path);
  return measure?.digest === digest ? { record, release: { number, path, digest } } : null;
}

function keep(folder: string, record: CellRecord): Promise<void> {
  return writeFileAtomic(cellRecordPath(folder), `${JSON.stringify(record)}\n`);
}

interface Places {
  readonly train: readonly SitePlace[];
  readonly yardstick: readonly SitePlace[];
}

async function placesOf(cell: Cell, { films, folder }: CellTools): Promise<Places> {
  const place = async (site: CellSite, split: 'train' | 'val'): Promise<SitePlace> => ({
    site: site.name,
    films: await films(site, split, cell),
    work: split === 'train' ? join(folder, 'sites', site.name) : join(folder, 'evaluation'),
  });
  const [train, yardstick] = await Promise.all([
    Promise.all(cell.sites.map((site) => place(site, 'train'))),
    Promise.all(cell.yardstick.map((site) => place(site, 'val'))),
  ]);
  return { train, yardstick: yardstick.filter((site) => site.films.val > 0) };
}

/** Hospitals whose films teach in the plan's stage; the others wait, as their agents would. */
async function takingPart(
  plan: StudyPlan,
  round: number,
  places: readonly SitePlace[],
): Promise<readonly SitePlace[]> {
  const takes = await Promise.all(
    places.map(({ films }) =>
      requireStage(plan, round, films.folder).then(
        () => true,
        (error: unknown) => {
          if (error instanceof FederationError && error.code === 'STAGE_NOT_REACHED') return false;
          throw error;
        },
      ),
    ),
  );
  return places.filter((_, index) => takes[index]);
}

/**
 * A study's quorum counts all hospitals here, but those that wait for their stage are not there.
 * @throws {FederationError} `PLAN_INVALID` when too few are left for the plan's robust rule
 */
function requireEnough({ aggregation: { robust } }: StudyPlan, round: number, taking: number): void {
  if (robust === undefined || taking >= updatesNeeded(robust)) return;
  throw new FederationError(
    'PLAN_INVALID',
    `In round ${round} ${taking} hospitals take part, and ${robust.rule} against ${robust.hostile} hostile needs ${updatesNeeded(robust)}: training.stages lets the others wait.`,
  );
}

/** A release on each hospital's held-out films; what the hospitals count is added up as the coordinator does. */
async function evaluate(
  { plan }: Cell,
  places: Places,
  { number: round, path: model }: ReleaseFile,
  { pool, backend }: CellTools,
): Promise<Evaluation> {
  const reports = await Promise.all(
    places.yardstick.map(async ({ site, films, work }) => {
      const own = await ownNorms(
        plan,
        places.train.find((place) => place.site === site),
        round,
      );
      const { report } = await pool.run<'evaluate'>({
        kind: 'evaluate',
        prepare: { kind: 'prepare', plan, data: films.folder, work, cache: films.cache, backend },
        // Nobody is protected by leaving a score out here.
        evaluate: { kind: 'evaluate', round, model, suppressBelow: 1, ...own },
      });
      return { site, report };
    }),
  );
  const metrics = (of: typeof reports) =>
    roundMetricsOf(
      of.map(({ report }) => report),
      plan.classes,
      plan.evaluation.ious,
    );
  return {
    round,
    all: metrics(reports),
    bySite: Object.fromEntries(reports.map((one) => [one.site, metrics([one])])),
  };
}
