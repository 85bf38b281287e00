import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { Database } from '../storage/database.js';
import type { Stores } from '../storage/stores.js';
import { loadRun } from './load-run.js';
import type { RunEffect, RunEvent, StudyRun } from './run.js';
import { transition } from './transition.js';

/** Work that belongs to a step: it is stored with it or not at all. Throwing undoes the step. */
export type Within = (stores: Stores, after: StudyRun) => Promise<void>;

export interface ActorOptions {
  readonly study: string;
  readonly database: Database;
  readonly leaseMs: number;
  readonly now: () => number;
  /** True when the site is connected and has approved the plan. */
  readonly isReady: (site: string) => boolean;
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
  #version = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /** The state as last seen; null before the first event. */
  get run(): StudyRun | null {
    return this.#run;
  }

  /**
   * @returns what has to be done now
   * @throws whatever `within` throws; nothing has changed then
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
    const { database, now } = this.#options;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const before = this.#run ?? (await this.#load());
      const { run: after, effects } = transition(before, event, now());
      const changed = stored(before) !== stored(after);
      if (!changed && within === undefined) {
        this.#run = after;
        return effects;
      }
      const version = this.#version;
      interrupt(event, 'storing');
      const won = await database.transaction(async (stores) => {
        if (changed && !(await stores.rounds.advance(before, after, version))) return false;
        await within?.(stores, after);
        return true;
      });
      if (won) {
        this.#run = after;
        this.#version = changed ? version + 1 : version;
        interrupt(event, 'stored');
        return effects;
      }
      this.#run = null;
    }
    throw new FederationError('INTERNAL', `Study ${this.#options.study} is changed by too many at once.`);
  }

  async #load(): Promise<StudyRun> {
    const { study, database, leaseMs, now, isReady } = this.#options;
    const row = await database.stores.studies.find(study);
    if (row === null) throw new FederationError('NOT_FOUND', `There is no study ${study}.`);
    const latest = await database.stores.rounds.latest(study);
    const awaySince = Object.fromEntries(row.plan.sites.map((site) => [site, isReady(site) ? null : now()]));
    this.#version = row.version;
    this.#run = loadRun(row, latest, awaySince, leaseMs);
    return this.#run;
  }
}

/** The part of the state that the database holds. */
function stored({ state, reason, round }: StudyRun): string {
  return JSON.stringify({ state, reason, round });
}
