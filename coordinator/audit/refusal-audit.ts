import type { Logger } from 'pino';
import type { ErrorCode, FederationError } from '@fedoxnet/shared/errors';
import type { Database } from '../storage/database.js';

/** Who was refused: the site or person that proved to be one, else where the request came from. */
export type Asker = { readonly site: string } | { readonly person: string } | { readonly address: string };

/**
 * What may be misuse. Other refusals are part of every study, as that a round has closed, or have entries of their own:
 * `sign-in-refused`, `connected-twice`, `upload-refused`.
 */
const MAY_BE_MISUSE: ReadonlySet<ErrorCode> = new Set([
  'INVITATION_INVALID',
  'SIGNATURE_INVALID',
  'SITE_UNKNOWN',
  'SITE_REVOKED',
  'FORBIDDEN',
  'PROTOCOL_VERSION',
  'MESSAGE_INVALID',
  'TOO_LARGE',
  'TOO_SLOW',
  'RATE_LIMITED',
  'CHUNK_NOT_AUTHENTIC',
  'UPLOAD_MISMATCH',
]);

const WINDOW_MS = 60 * 60_000;
/** Entries of an hour. Strangers, who may come from any number of addresses, take none of those of sites and people. */
const MOST_ENTRIES = { known: 60, stranger: 30 };
/** Askers and codes of an hour that are told apart. */
const MOST_COUNTED = 1000;
/** Of the entry that sums up what had none. */
const MOST_ROWS = 20;

interface Counted {
  readonly asker: Asker;
  readonly code: ErrorCode;
  /** Without an entry of their own. */
  times: number;
}

/** Those of an hour, by asker and code. */
class Tally {
  readonly counted = new Map<string, Counted>();
  others = 0;
  #entries = 0;

  constructor(private readonly most: number) {}

  /** @returns the count that it falls under, when it is the first of its kind and there is room for an entry */
  take(asker: Asker, code: ErrorCode): Counted | null {
    const key = JSON.stringify([asker, code]);
    const known = this.counted.get(key);
    if (known !== undefined) known.times += 1;
    else if (this.counted.size >= MOST_COUNTED) this.others += 1;
    else {
      const first = { asker, code, times: 0 };
      this.counted.set(key, first);
      if (this.#entries < this.most) {
        this.#entries += 1;
        return first;
      }
      first.times = 1;
    }
    return null;
  }
}

/**
 * Writes refusals into the audit log: `refused` for the first of an asker and a code in an hour, as long as the hour has room,
 * and one `refusals-left-out` at its end with the number of the rest. So nobody fills the log, and nobody's tries go without a
 * trace. Of a request it keeps who, what and when; nothing of what was sent.
 */
export class RefusalAudit {
  readonly #database: Pick<Database, 'transaction'>;
  readonly #log: Logger;
  readonly #now: () => Date;
  readonly #timer: NodeJS.Timeout;
  #since: Date;
  #known = new Tally(MOST_ENTRIES.known);
  #strangers = new Tally(MOST_ENTRIES.stranger);
  #writing: Promise<void> = Promise.resolve();

  constructor(database: Pick<Database, 'transaction'>, log: Logger, now: () => Date) {
    this.#database = database;
    this.#log = log;
    this.#now = now;
    this.#since = now();
    this.#timer = setInterval(() => void this.sumUp(), WINDOW_MS).unref();
  }

  /**
   * Returns at once: whoever is refused does not wait for the log.
   * @param request what was asked for, as the program names it: never a path or text that came from outside
   */
  note(asker: Asker, { code }: Pick<FederationError, 'code'>, request: string): void {
    if (!MAY_BE_MISUSE.has(code)) return;
    const first = ('address' in asker ? this.#strangers : this.#known).take(asker, code);
    if (first === null) return;
    const entry = { ...asker, code, request };
    const at = this.#now();
    void this.#inTurn(async () => {
      if (!(await this.#append('refused', at, entry))) first.times += 1;
    });
  }

  /** Ends the hour. Called by itself, and at the end. */
  sumUp(): Promise<void> {
    const [known, strangers, since] = [this.#known, this.#strangers, this.#since];
    const at = this.#now();
    this.#known = new Tally(MOST_ENTRIES.known);
    this.#strangers = new Tally(MOST_ENTRIES.stranger);
    this.#since = at;
    // Behind entries that are being written: one that cannot be is counted with the rest.
    return this.#inTurn(async () => {
      const rows = [known, strangers].flatMap(({ counted }) =>
        [...counted.values()].filter(({ times }) => times > 0).sort((a, b) => b.times - a.times),
      );
      const others = rows.slice(MOST_ROWS).reduce((sum, { times }) => sum + times, 0);
      const leftOut = {
        since: since.toISOString(),
        refusals: rows.slice(0, MOST_ROWS).map(({ asker, code, times }) => ({ ...asker, code, times })),
        others: others + known.others + strangers.others,
      };
      if (rows.length > 0) await this.#append('refusals-left-out', at, leftOut);
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.sumUp();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    return (this.#writing = this.#writing.then(work));
  }

  /** @returns false when it could not be written */
  async #append(
    kind: 'refused' | 'refusals-left-out',
    at: Date,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    try {
      await this.#database.transaction(({ audit }) => audit.append(at, kind, detail));
      return true;
    } catch (error) {
      this.#log.error({ err: error, kind, detail }, 'a refusal could not be written into the audit log');
      return false;
    }
  }
}
