import { IsNull, Not, type EntityManager } from 'typeorm';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { CurvePoint } from '../rounds/curve.js';
import type { Pace } from '../rounds/pace.js';
import type { RoundRun, SiteRun, StudyRun } from '../rounds/run.js';
import { roundTable, siteRoundTable, type RoundRow, type SiteRoundRow } from './round-tables.js';
import { studyTable } from './study-tables.js';

/** A round with all that was kept of it. */
export interface RoundRecord {
  readonly round: RoundRow;
  /** By site name. */
  readonly sites: SiteRoundRow[];
}

export interface SiteProgress {
  readonly step: number;
  readonly steps: number;
  readonly losses: Record<string, number>;
  readonly curve: CurvePoint[];
  readonly filmsPerSecond: number;
  readonly pseudo: PseudoCount | null;
}

/** An update that was taken into a round. */
export interface Delivery {
  readonly upload: string;
  readonly masses: UpdateMasses;
  readonly uploadBytes: number;
  readonly pace: Pace | null;
}

type SiteColumns = Pick<
  SiteRoundRow,
  'state' | 'reason' | 'evaluation' | 'stages' | 'due' | 'carried' | 'filmShare'
>;

function siteColumns({ state, reason, evaluation, stages, due, carried, filmShare }: SiteRun): SiteColumns {
  return {
    state,
    reason,
    evaluation,
    stages: { ...stages },
    due: due === null ? null : new Date(due),
    carried,
    filmShare,
  };
}

function roundColumns(round: RoundRun): Omit<RoundRow, 'study' | 'metrics'> {
  const { number, attempt, state, deadline, startedAt, phaseSince, endedAt, seconds } = round;
  return {
    number,
    attempt,
    state,
    deadline: deadline === null ? null : new Date(deadline),
    startedAt: new Date(startedAt),
    phaseSince: new Date(phaseSince),
    endedAt: endedAt === null ? null : new Date(endedAt),
    seconds: { ...seconds },
  };
}

/** Rounds and the sites in them. */
export class RoundStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  async latest(study: string): Promise<RoundRecord | null> {
    const [round] = await this.#manager.find(roundTable, {
      where: { study },
      order: { number: 'DESC' },
      take: 1,
    });
    return round === undefined ? null : { round, sites: await this.#sitesOf(study, round.number) };
  }

  async find(study: string, number: number): Promise<RoundRecord | null> {
    const round = await this.#manager.findOneBy(roundTable, { study, number });
    return round === null ? null : { round, sites: await this.#sitesOf(study, number) };
  }

  numbers(study: string): Promise<number[]> {
    return this.#manager
      .find(roundTable, { where: { study }, select: { number: true }, order: { number: 'ASC' } })
      .then((rows) => rows.map(({ number }) => number));
  }

  #sitesOf(study: string, round: number): Promise<SiteRoundRow[]> {
    return this.#manager.find(siteRoundTable, { where: { study, round }, order: { site: 'ASC' } });
  }

  /**
   * Stores a step of the study's rounds, if nobody else made one since `version`. Must run in a transaction.
   * @returns false when the step was overtaken: nothing was written, read again
   */
  async advance(before: StudyRun, after: StudyRun, version: number): Promise<boolean> {
    const { affected } = await this.#manager.update(
      studyTable,
      { name: after.study, version },
      { version: version + 1, state: after.state, reason: after.reason },
    );
    if (affected !== 1) return false;
    if (after.round !== null && after.round !== before.round) {
      await this.#putRound(after.study, before.round, after.round);
    }
    return true;
  }

  async #putRound(study: string, before: RoundRun | null, after: RoundRun): Promise<void> {
    const columns = roundColumns(after);
    const known = await this.#manager.update(roundTable, { study, number: after.number }, columns);
    if (known.affected === 0) await this.#manager.insert(roundTable, { study, metrics: null, ...columns });
    for (const [site, part] of Object.entries(after.sites)) {
      const key = { study, round: after.number, site };
      const old = before?.number === after.number ? before.sites[site] : undefined;
      if (old === undefined) {
        await this.#manager.upsert(siteRoundTable, { ...key, ...siteColumns(part) }, [
          'study',
          'round',
          'site',
        ]);
      } else if (old !== part) {
        await this.#manager.update(siteRoundTable, key, siteColumns(part));
      }
    }
  }

  async putProgress(study: string, round: number, site: string, progress: SiteProgress): Promise<void> {
    await this.#manager.update(siteRoundTable, { study, round, site }, progress);
  }

  async putDelivery(study: string, round: number, site: string, delivery: Delivery): Promise<void> {
    await this.#manager.update(siteRoundTable, { study, round, site }, delivery);
  }

  /** @returns the upload that had been accepted, null when there was none */
  async dropDelivery(study: string, round: number, site: string): Promise<string | null> {
    const row = await this.#manager.findOneBy(siteRoundTable, { study, round, site });
    const nothing = { upload: null, masses: null, uploadBytes: 0 };
    await this.#manager.update(siteRoundTable, { study, round, site }, nothing);
    return row?.upload ?? null;
  }

  async putReport(study: string, round: number, site: string, report: EvaluationReport): Promise<void> {
    await this.#manager.update(siteRoundTable, { study, round, site }, { report });
  }

  async putMetrics(study: string, number: number, metrics: RoundMetrics | null): Promise<void> {
    await this.#manager.update(roundTable, { study, number }, { metrics });
  }

  /** How fast each site was in the latest round that it delivered. */
  async paces(study: string): Promise<Record<string, Pace>> {
    const rows = await this.#manager.find(siteRoundTable, {
      where: { study, pace: Not(IsNull()) },
      select: { site: true, round: true, pace: true },
      order: { round: 'ASC' },
    });
    return Object.fromEntries(rows.flatMap(({ site, pace }) => (pace === null ? [] : [[site, pace]])));
  }
}
