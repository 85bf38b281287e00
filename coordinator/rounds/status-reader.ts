import { FederationError } from '@fedoxnet/shared/errors';
import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { Database } from '../storage/database.js';
import type { RoundEngine } from './engine.js';
import type { LiveProgress } from './live-progress.js';
import type { SiteLink } from './site-link.js';
import { roundStatus, studyStatus } from './study-status.js';

/** Puts together what people see. Published rounds never change, so they are read once; the rest is a few small queries. */
export class StatusReader {
  readonly #published = new Map<string, RoundStatus>();

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
    return studyStatus({
      study,
      sites: await sites.all(),
      history: await this.#history(name),
      live: this.live,
      isConnected: (site) => this.link.isConnected(site),
      isApproved: (site) => this.engine.isApproved(name, site),
    });
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
