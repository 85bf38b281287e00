import type { Logger } from 'pino';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { uploadFolder, UPLOADS, type BlobStore } from '../blobs/blob-store.js';
import type { Assignment, RoundRun, RoundState } from '../rounds/run.js';
import type { Database } from '../storage/database.js';
import type { UploadRow } from '../storage/round-tables.js';

/** What the collector asks of the rounds. */
export interface CollectorRounds {
  round(study: string): RoundRun | null;
  /** Whether an update of this work would still be taken. */
  takes(study: string, site: string, work: Assignment): boolean;
}

export interface CollectorOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly rounds: CollectorRounds;
  readonly log: Logger;
  /** The upload will not be asked for again. */
  readonly onDropped: (id: string) => void;
  readonly now: () => number;
}

/** A half upload of a study that rests for so long is dropped; its site can send it again. */
export const HALF_UPLOAD_MS = 7 * 24 * 60 * 60 * 1000;
/** Time alone makes halves old: nothing may happen in a study that rests. */
const COLLECT_EVERY_MS = 60 * 60 * 1000;
/** States of a round in which updates became needless. */
const COLLECTED_IN: ReadonlySet<RoundState> = new Set(['inviting', 'failed', 'published']);

/**
 * Removes sealed updates that nobody needs any more: of rounds whose release is published, of rounds that take no more, and
 * halves that were left lying. Everything it looks at is stored, so a crash only makes it later.
 */
export class UploadCollector {
  readonly #options: CollectorOptions;
  /** Round and state of each study at the last look. */
  readonly #seen = new Map<string, string>();
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Looks once, and from then on by the clock. Resolves after the first look. */
  start(everyMs = COLLECT_EVERY_MS): Promise<void> {
    this.#timer = setInterval(() => void this.collect(), everyMs).unref();
    return this.collect();
  }

  /** Looks for the last time. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.collect();
  }

  /** Something of the study has changed; most changes leave its uploads alone. */
  changed(study: string): void {
    const round = this.#options.rounds.round(study);
    const state = round === null ? '' : `${round.number} ${round.attempt} ${round.state}`;
    if (this.#seen.get(study) === state) return;
    this.#seen.set(study, state);
    if (round !== null && COLLECTED_IN.has(round.state)) void this.collect();
  }

  /** One look at all uploads. Resolves when it is done; never rejects. */
  collect(): Promise<void> {
    this.#running = this.#running.then(() =>
      this.#collect().catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'old uploads could not be removed'),
      ),
    );
    return this.#running;
  }

  async #collect(): Promise<void> {
    const { database, blobs, log, onDropped } = this.#options;
    const ids = await blobs.list(UPLOADS);
    if (ids.length === 0) return;
    const rows = new Map((await database.stores.uploads.findAll(ids)).map((row) => [row.id, row]));
    const needed = await this.#needed([...rows.values()]);
    let removed = 0;
    for (const id of ids) {
      if (needed.has(id)) continue;
      const row = rows.get(id);
      // A half is forgotten as a whole, so that the site can begin again; a counted one stays in the records.
      if (row?.completedAt === null && !(await database.stores.uploads.discard(id))) continue;
      onDropped(id);
      await blobs.recycleFolder(uploadFolder(id));
      removed += 1;
    }
    if (removed > 0) log.debug({ removed }, 'old uploads removed');
  }

  async #needed(rows: readonly UploadRow[]): Promise<Set<string>> {
    const { rounds, now } = this.#options;
    const needed = new Set<string>();
    for (const study of new Set(rows.map((row) => row.study))) {
      const counted = await this.#countedUploads(study);
      for (const row of rows.filter((one) => one.study === study)) {
        const isHalf = row.completedAt === null;
        const isFresh = now() - row.createdAt.getTime() < HALF_UPLOAD_MS;
        const isWanted = isHalf
          ? isFresh && rounds.takes(study, row.site, row)
          : counted === 'all' || counted.has(row.id);
        if (isWanted) needed.add(row.id);
      }
    }
    return needed;
  }

  /** Complete uploads that a sum may still read. */
  async #countedUploads(study: string): Promise<ReadonlySet<string> | 'all'> {
    const { studies, rounds } = this.#options.database.stores;
    const row = await studies.find(study);
    if (row === null) return new Set();
    if (transferOf(row.plan).keepUploads) return 'all';
    const latest = await rounds.latest(study);
    const isOver = row.state === 'finished' || row.state === 'cancelled';
    if (latest === null || isOver || ['evaluating', 'published'].includes(latest.round.state))
      return new Set();
    return new Set(latest.sites.flatMap(({ upload }) => (upload === null ? [] : [upload])));
  }
}
