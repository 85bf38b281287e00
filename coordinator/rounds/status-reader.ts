import { FederationError } from '@fedoxnet/shared/errors';
import { crossSiteScores } from '@fedoxnet/shared/evaluation/cross-site-scores';
import type { CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { suppressBelowOf } from '@fedoxnet/shared/study/evaluation-plan';
import type { Database } from '../storage/database.js';
import type { StudyRow } from '../storage/study-tables.js';
import type { RoundEngine } from './engine.js';
import type { LiveProgress } from './live-progress.js';
import type { SiteLink } from './site-link.js';
import { roundStatus, studyStatus } from './study-status.js';

/** Puts together what people see. Published rounds never change, so they are read once; the rest is a few small queries. */
export class StatusReader {
  readonly #published = new Map<string, RoundStatus>();
  /** By study: of the latest release that was scored. */
  readonly #scores = new Map<string, CrossSite>();

  constructor(
    private readonly database: Database,
    private readonly engine: RoundEngine,
    private readonly live: LiveProgress,
    private readonly link: Pick<SiteLink, 'isConnected'>,
    private readonly now: () => number,
  ) {}

  /** @throws {FederationError} `NOT_FOUND` */
  async read(name: string): Promise<StudyStatus> {
    const { studies, sites } = this.database.stores;
    const study = await studies.find(name);
    if (study === null) throw new FederationError('NOT_FOUND', `There is no study ${name}.`);
    const history = await this.#history(name);
    const scored = history.findLast(({ metrics }) => metrics !== null);
    return studyStatus({
      study,
      sites: await sites.all(),
      history,
      crossSite: scored === undefined ? null : await this.#latestScores(study, scored.round),
      live: this.live,
      isConnected: (site) => this.link.isConnected(site),
      isApproved: (site) => this.engine.isApproved(name, site),
    });
  }

  /**
   * How the release of a round does at every site.
   * @throws {FederationError} `NOT_FOUND` when there is no such round, or no site scored its release
   */
  async scores(study: StudyRow, round: number): Promise<CrossSite> {
    const scores = await this.#readScores(study, round);
    if (scores === null)
      throw new FederationError('NOT_FOUND', `Round ${round} of ${study.name} has no scores.`);
    return scores;
  }

  async #latestScores(study: StudyRow, round: number): Promise<CrossSite | null> {
    const known = this.#scores.get(study.name);
    if (known?.round === round) return known;
    const scores = await this.#readScores(study, round);
    if (scores !== null) this.#scores.set(study.name, scores);
    return scores;
  }

  async #readScores({ name, plan }: StudyRow, round: number): Promise<CrossSite | null> {
    const record = await this.database.stores.rounds.find(name, round);
    if (record?.round.state !== 'published') return null;
    const reports = plan.sites.map((site) => ({
      site,
      report: record.sites.find((row) => row.site === site)?.report ?? null,
    }));
    if (reports.every(({ report }) => report === null)) return null;
    const { classes, evaluation } = plan;
    const suppressBelow = suppressBelowOf(evaluation);
    return crossSiteScores(round, reports, { classes, ious: evaluation.ious, suppressBelow });
  }

  async #history(study: string): Promise<RoundStatus[]> {
    const { rounds, studies } = this.database.stores;
    const history: RoundStatus[] = [];
    for (const number of await rounds.numbers(study)) {
      const key = `${study}/${number}`;
      const known = this.#published.get(key);
      if (known !== undefined) {
        history.push(known);
        continue;
      }
      const record = await rounds.find(study, number);
      if (record === null) continue;
      const isPublished = record.round.state === 'published';
      const release = await studies.findRelease(study, number);
      const status = roundStatus(record, release, isPublished ? null : this.live, this.now());
      if (isPublished) this.#published.set(key, status);
      history.push(status);
    }
    return history;
  }
}
