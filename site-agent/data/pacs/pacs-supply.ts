import { FederationError } from '@fedoxnet/shared/errors';
import { pause, withRetries, type RetryOptions } from '../../agent/back-off.js';
import { TokenBucket } from '../../agent/token-bucket.js';
import { isWithin, type WorkHours } from '../../agent/work-hours.js';
import { asFederationError } from '../../agent/failure.js';
import type { FilmSupply, NotNow } from '../door/film-supply.js';
import type { Origin } from '../door/film-register.js';
import { GrowingList } from './growing-list.js';
import type { FilmPlace, Pacs } from './pacs.js';
import { FilmNotGiven } from './pacs-failure.js';

export interface SupplyOptions {
  readonly signal: AbortSignal;
  readonly filmsPerSecond: number | null;
  readonly hours: WorkHours | null;
  readonly now: () => Date;
  /** At most so many films are fetched. */
  readonly limit: number;
  /** Tries of one film in a row. */
  readonly attempts: number;
  readonly onRetry: NonNullable<RetryOptions['onRetry']>;
}

/** Why a film was not asked for, or not given. `film`: the PACS has it and did not give it. */
export const NOT_NOW = {
  hours: 'outside the allowed hours',
  limit: 'beyond the limit of films',
  stopped: 'the pull was stopped',
  ended: 'the PACS no longer answers',
} as const;

/** A film in a PACS does not change: a new version of it has another UID. */
export function pacsOrigin(place: string, instance: string): Origin {
  return { origin: `${place}#${instance}`, stamp: 'pacs', sopInstance: instance };
}

/**
 * The films of a PACS, fetched one by one into memory as the door asks for them, no faster and no longer than allowed. Searching
 * goes on meanwhile: where every question waits for the line, it takes longer than fetching.
 */
export class PacsSupply implements FilmSupply {
  readonly place: string;
  readonly atOnce: number;
  readonly counts = { fetched: 0, bytes: 0 };
  /** Why no more films are asked for; null as long as there is nothing wrong. */
  failure: FederationError | null = null;
  /** Why there may be more films than were found; null as long as there is nothing wrong. */
  searchFailure: FederationError | null = null;
  /** Why the search was ended before its end, as in `NOT_NOW`. */
  unsearched: string | null = null;
  private begun = 0;
  private readonly found = new GrowingList<string>();
  private readonly places = new Map<string, FilmPlace>();
  private readonly pace: TokenBucket | null;

  /** @param search gives each film once; it begins at once and does not wait for the films to be taken */
  constructor(
    private readonly pacs: Pacs,
    search: AsyncIterable<FilmPlace>,
    private readonly options: SupplyOptions,
  ) {
    this.place = pacs.place;
    this.atOnce = pacs.connections;
    const { filmsPerSecond: rate } = options;
    this.pace = rate === null ? null : new TokenBucket(rate, 1, undefined, (ms) => pause(ms, options.signal));
    void this.search(search);
  }

  names(): AsyncIterable<string> {
    return this.found;
  }

  get total(): number {
    return this.found.length;
  }

  /** Waits until there is a film. @returns false when there is none at all */
  async hasFilms(): Promise<boolean> {
    for await (const _ of this.found) return true;
    return false;
  }

  originOf(name: string): Promise<Origin> {
    return Promise.resolve(pacsOrigin(this.place, name));
  }

  async take(name: string): Promise<Uint8Array | NotNow> {
    const { limit, signal } = this.options;
    const over = this.whyOver() ?? (this.begun >= limit ? NOT_NOW.limit : null);
    if (over !== null) return { notNow: over };
    this.begun++;
    try {
      await this.pace?.take(1);
      const overNow = this.whyOver();
      if (overNow !== null) return { notNow: overNow };
      const bytes = await this.fetch(this.places.get(name) as FilmPlace);
      this.counts.fetched++;
      this.counts.bytes += bytes.byteLength;
      return bytes;
    } catch (error) {
      if (signal.aborted) return { notNow: NOT_NOW.stopped };
      if (error instanceof FilmNotGiven) return { notNow: error.message };
      if (!(error instanceof FederationError)) throw error;
      this.failure ??= error;
      return { notNow: NOT_NOW.ended };
    }
  }

  /** Never fails: what went wrong is in `searchFailure`. */
  private async search(search: AsyncIterable<FilmPlace>): Promise<void> {
    try {
      for await (const film of search) {
        this.places.set(film.instance, film);
        this.found.push(film.instance);
        this.unsearched = this.whyOver();
        if (this.unsearched !== null) break;
      }
    } catch (error) {
      if (this.options.signal.aborted) this.unsearched = NOT_NOW.stopped;
      else this.searchFailure = asFederationError(error);
    } finally {
      this.found.end();
    }
  }

  /** Why nothing more is asked for now; asked before a film waits its turn as well, or thousands would wait for nothing. */
  private whyOver(): string | null {
    const { signal, hours, now } = this.options;
    if (signal.aborted) return NOT_NOW.stopped;
    if (this.failure !== null) return NOT_NOW.ended;
    return hours !== null && !isWithin(hours, now()) ? NOT_NOW.hours : null;
  }

  /** A PACS may break off at one film only: when it still answers otherwise, the others are asked for all the same. */
  private async fetch(film: FilmPlace): Promise<Uint8Array> {
    const { signal, attempts, onRetry } = this.options;
    try {
      return await withRetries(() => this.pacs.fetch(film, signal), { signal, attempts, onRetry });
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      const passing = error.code === 'PACS_UNREACHABLE' || error.code === 'PACS_ANSWER_INVALID';
      const mayBeFilm = passing || (error.code === 'PACS_REFUSED' && this.counts.fetched > 0);
      if (!mayBeFilm || !(await this.answers())) throw error;
      throw new FilmNotGiven(error.message.replace(/\.$/, ''), { cause: error });
    }
  }

  private answers(): Promise<boolean> {
    return this.pacs.echo(this.options.signal).then(
      () => true,
      () => false,
    );
  }
}
