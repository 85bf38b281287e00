import type { Logger } from 'pino';
import { roundMetricsOf } from '@fedoxnet/shared/evaluation/round-metrics';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { modelLayout } from '../aggregation/model-layout.js';
import { UpdateRefused } from '../aggregation/sum-task.js';
import type { SumPlace } from '../aggregation/sum-windows.js';
import { asFederationError } from '../refusal.js';
import { makeReceipt } from '../receipts/make-receipt.js';
import { dropUnnamed } from '../releases/unnamed-releases.js';
import type { Database } from '../storage/database.js';
import { aggregateUpdates } from './aggregate-updates.js';
import { oneLine } from './one-line.js';
import type { RunEvent } from './run.js';
import type { Within } from './study-actor.js';

/** What a long piece of work ends in: the event that the rules are asked, and what is stored with their answer. */
export interface RoundStep {
  readonly event: RunEvent;
  readonly within?: Within;
}

export interface StepContext extends SumPlace {
  readonly database: Database;
  readonly keys: SiteKeys;
  readonly log: Logger;
  readonly now: () => number;
}

/** Sums the delivered updates of the study's latest round into a release; the round's record holds which those are. */
export async function aggregationStep(context: StepContext, study: string): Promise<RoundStep> {
  const { database, blobs, threads, keys, now, log } = context;
  const { stores } = database;
  const [row, record] = await Promise.all([stores.studies.find(study), stores.rounds.latest(study)]);
  const number = record?.round.number ?? 0;
  const base = await stores.studies.findRelease(study, number - 1);
  if (row === null || row.model === null || base === null || record === null) {
    const reason = `Study ${study} lost its model or release ${number - 1}.`;
    return { event: { kind: 'aggregation-failed', reason } };
  }
  const ids = record.sites.flatMap(({ state, upload }) =>
    state === 'uploaded' && upload !== null ? [upload] : [],
  );
  await dropUnnamed(study, database, blobs);
  try {
    const uploads = await stores.uploads.findAll(ids);
    const { release, shortened, seconds } = await aggregateUpdates({
      plan: row.plan,
      model: modelLayout(new Map(row.model.tensors), row.model.roles, row.plan.classes.length),
      uploads,
      base,
      release: number,
      keys,
      blobs,
      threads,
    });
    const at = new Date(now());
    const { digest } = release.header;
    const { attempt } = record.round;
    const made = {
      study,
      planHash: row.planHash,
      round: number,
      attempt,
      base: base.header.digest,
      release: digest,
    };
    log.info({ study, round: number, updates: ids.length, shortened, seconds }, 'aggregated');
    return {
      event: { kind: 'aggregated' },
      within: async (inside, _after, before) => {
        // Sites may have begun with what another sum came to, or the study was cancelled.
        if (before.round?.state !== 'aggregating') return;
        await inside.studies.putRelease({ ...release, createdAt: at });
        const signKeys = await inside.sites.signKeys(uploads.map(({ site }) => site));
        await inside.receipts.put(makeReceipt(made, uploads, signKeys, keys));
        const rules = shortened.length === 0 ? {} : { shortened };
        await inside.audit.append(at, 'aggregate', { study, round: number, uploads: ids, digest, ...rules });
      },
    };
  } catch (error) {
    // A full disk or a database that restarts is no reason to give the round up: the effect is started again.
    if (asFederationError(error).entry.retry && !(error instanceof UpdateRefused)) throw error;
    log.error({ err: error, study, round: number }, 'aggregation failed');
    if (error instanceof UpdateRefused) {
      return { event: { kind: 'refused', site: error.site, reason: error.reason } };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { event: { kind: 'aggregation-failed', reason: oneLine(reason) } };
  }
}

/** Scores the latest round from what its sites reported. @returns null when it is not being evaluated */
export async function publishStep({ database, now }: StepContext, study: string): Promise<RoundStep | null> {
  const { stores } = database;
  const [row, record] = await Promise.all([stores.studies.find(study), stores.rounds.latest(study)]);
  if (row === null || record?.round.state !== 'evaluating') return null;
  const reports = record.sites.flatMap(({ report }) => (report === null ? [] : [report]));
  const { classes, evaluation } = row.plan;
  const metrics = reports.length === 0 ? null : roundMetricsOf(reports, classes, evaluation.ious);
  const { number } = record.round;
  failpoint('coordinator.publish.scored');
  return {
    event: { kind: 'published' },
    within: async (inside, after) => {
      if (after.round?.number !== number || after.round.state !== 'published') return;
      await inside.rounds.putMetrics(study, number, metrics);
      const ap = metrics?.mean.ap ?? null;
      await inside.audit.append(new Date(now()), 'publish', { study, release: number, ap });
    },
  };
}
