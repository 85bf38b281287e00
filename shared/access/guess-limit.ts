import { FederationError } from '../errors.js';

const WINDOW_MS = 15 * 60_000;
const MAX_FAILURES = 8;
/** Far above what people do, far below what memory holds. */
const MAX_KEYS = 10_000;

/**
 * Bounds how often a password can be guessed: after eight failures for one key within a quarter of an hour, the key is
 * refused until the first of them is that old. A key is a name or an address; both are counted, so neither trying many
 * names nor many addresses helps.
 */
export class GuessLimit {
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws {FederationError} `RATE_LIMITED` */
  check(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.#recent(key).length >= MAX_FAILURES) {
        throw new FederationError('RATE_LIMITED', 'Too many sign-ins failed; wait a quarter of an hour.');
      }
    }
  }

  failed(keys: readonly string[]): void {
    const at = this.#now();
    for (const key of keys) {
      const recent = [...this.#recent(key), at];
      this.#failures.delete(key); // set anew, so that the map stays in order of the last failure
      this.#failures.set(key, recent);
    }
    while (this.#failures.size > MAX_KEYS) {
      this.#failures.delete(this.#failures.keys().next().value!);
    }
  }

  succeeded(keys: readonly string[]): void {
    for (const key of keys) this.#failures.delete(key);
  }

  #recent(key: string): number[] {
    const since = this.#now() - WINDOW_MS;
    return (this.#failures.get(key) ?? []).filter((at) => at > since);
  }
}
