import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { Database } from '../storage/database.js';
import type { Stores } from '../storage/stores.js';
import { dropLeftOut } from './left-out-deliveries.js';
import { loadRun } from './load-run.js';
import type { RunEffect, RunEvent, SiteStanding, StudyRun } from './run.js';
import { transition } from './transition.js';

/**
 * Work that belongs to a step: it is stored with it or not at all. Throwing undoes the step.
 * @param after  what the step made of `before`; the same when the event did not fit
 */
export type Within = (stores: Stores, after: StudyRun, before: StudyRun) => Promise<void>;

export interface ActorOptions {
  readonly study: string;
  readonly database: Database;
  readonly leaseMs: number;
  readonly now: () => number;
  readonly isApproved: (site: string) => boolean;
  readonly isConnected: (site: string) => boolean;
}

/** Steps that tests interrupt just before and just after they are stored. */
const INTERRUPTED = {
  started: 'start',
  accepted: 'accept',
  uploaded: 'collect',
  aggregated: 'aggregate',
  evaluated: 'evaluate',
  published: 'publish',
  'next-round': 'next',
} as const satisfies Partial<Record<RunEvent['kind'], string>>;

function interrupt(event: RunEvent, moment: 'storing' | 'stored'): void {
  if (event.kind in INTERRUPTED) {
    failpoint(`coordinator.${INTERRUPTED[event.kind as keyof typeof INTERRUPTED]}.${moment}`);
  }
}

/** How often a step is tried again when another process made one in between. */
const MAX_ATTEMPTS = 5;

/**
 * One study's rounds: takes one event at a time, asks the rules, and stores the answer. The database decides: when
 * another process stored a step first, the state is read again and the event is asked anew.
 */
export class StudyActor {
  readonly #options: ActorOptions;
  #run: StudyRun | null = null;
  /** False after a step whose end nobody saw: it may have been stored or not. */
  #sure = true;
  #version = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /** The state as last seen; null before the first event. */
  get run(): StudyRun | null {
    return this.#run;
  }

  /** Reads the state again before the next event: something that it rests on has changed in the database. */
  doubt(): void {
    this.#sure = false;
  }

  /**
   * @returns what has to be done now
   * @throws whatever `within` throws; nothing has changed then. After any other failure the step may have been stored:
   *   `recovered` asks for what it would have asked for.
   */
  apply(event: RunEvent, within?: Within): Promise<readonly RunEffect[]> {
    const result = this.#queue.then(() => this.#applyNow(event, within));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Resolves when no event is waiting. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  async #applyNow(event: RunEvent, within?: Within): Promise<readonly RunEffect[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const before = this.#run !== null && this.#sure ? this.#run : await this.#load();
      const { run: after, effects } = transition(before, event, this.#options.now());
      const changed = stored(before) !== stored(after);
      if (!changed && within === undefined) {
        this.#run = after;
        return effects;
      }
      interrupt(event, 'storing');
      if (await this.#store(before, after, changed, effects, within)) {
        this.#run = after;
        if (changed) this.#version += 1;
        interrupt(event, 'stored');
        return effects;
      }
      this.#sure = false;
    }
    throw new FederationError('INTERNAL', `Study ${this.#options.study} is changed by too many at once.`);
  }

  /** False when another process was first. */
  async #store(
    before: StudyRun,
    after: StudyRun,
    changed: boolean,
    effects: readonly RunEffect[],
    within: Within | undefined,
  ): Promise<boolean> {
    const { database, now } = this.#options;
    try {
      return await database.transaction(async (stores) => {
        if (changed && !(await stores.rounds.advance(before, after, this.#version))) return false;
        await within?.(stores, after, before);
        await dropLeftOut(stores, after, before, new Date(now()));
        for (const effect of effects) {
          if (effect.kind !== 'alarm') continue;
          const { site, filmShare, reason } = effect;
          const detail = { study: after.study, round: after.round?.number, site, filmShare, reason };
          await stores.audit.append(new Date(now()), 'site-missed', detail);
        }
        return true;
      });
    } catch (error) {
      // A refusal comes from `within`, and undid the step; anything else may have struck after it was stored.
      if (!(error instanceof FederationError) || error.entry.retry) this.#sure = false;
      throw error;
    }
  }

  async #load(): Promise<StudyRun> {
    const { study, database, leaseMs } = this.#options;
    const row = await database.stores.studies.find(study);
    if (row === null) throw new FederationError('NOT_FOUND', `There is no study ${study}.`);
    const latest = await database.stores.rounds.latest(study);
    const paces = await database.stores.rounds.paces(study);
    const films = new Map(
      (await database.stores.sites.all()).map(({ name, description }) => [name, description?.films.train]),
    );
    const standing = row.plan.sites.map((site): [string, SiteStanding] => [
      site,
      { awaySince: this.#awaySince(site), pace: paces[site] ?? null, films: films.get(site) ?? null },
    ]);
    this.#version = row.version;
    this.#run = loadRun(row, latest, Object.fromEntries(standing), leaseMs);
    this.#sure = true;
    return this.#run;
  }

  #awaySince(site: string): SiteStanding['awaySince'] {
    const { isApproved, isConnected, now } = this.#options;
    if (!isApproved(site)) return 'unapproved';
    if (isConnected(site)) return null;
    const before = this.#run?.standing[site]?.awaySince;
    return typeof before === 'number' ? before : now();
  }
}

/** The part of the state that the database holds. */
function stored({ state, reason, round }: StudyRun): string {
  return JSON.stringify({ state, reason, round });
}
