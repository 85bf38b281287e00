import { FederationError } from '../errors.js';

const WINDOW_MS = 15 * 60_000;
const MAX_FAILURES = 8;
/** Far above what people do, far below what memory holds. */
const MAX_KEYS = 10_000;

/** Whose password is guessed, and from where; each is counted, so neither trying many names nor many addresses helps. */
export interface Guess {
  readonly of: string;
  /** Left out where there is one place only. */
  readonly from?: string;
}

/**
 * Bounds how often a password can be guessed: after eight failures of one name or from one address within a quarter of an
 * hour, it is refused until the first of them is that old.
 */
export class GuessLimit {
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();

  /** @param now milliseconds of a clock that nobody sets */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Asks `isRight` unless there were too many failures. The guess counts as one from the start, so that guesses side by side
   * do not all slip through; it is taken back when it was right, and when nobody learnt whether it was.
   * @param isRight null for a wrong guess
   * @throws {FederationError} `RATE_LIMITED`; whatever `isRight` throws
   */
  async attempt<T>({ of, from }: Guess, isRight: () => Promise<T | null>): Promise<T | null> {
    const keys = [`of ${of}`, ...(from === undefined ? [] : [`from ${from}`])];
    if (keys.some((key) => this.#recent(key).length >= MAX_FAILURES)) {
      throw new FederationError('RATE_LIMITED', 'Too many sign-ins failed; wait a quarter of an hour.');
    }
    const at = this.#now();
    for (const key of keys) this.#set(key, [...this.#recent(key), at]);
    const takeBack = (): void => keys.forEach((key) => this.#takeBack(key, at));
    try {
      const found = await isRight();
      if (found === null) return null;
      takeBack();
      this.#failures.delete(`of ${of}`);
      return found;
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  #takeBack(key: string, at: number): void {
    const recent = this.#recent(key);
    const index = recent.indexOf(at);
    if (index < 0) return;
    if (recent.length === 1) this.#failures.delete(key);
    else this.#set(key, recent.toSpliced(index, 1));
  }

  /** The map stays in order of the last change, so that what is forgotten for want of room is what is oldest. */
  #set(key: string, failures: number[]): void {
    this.#failures.delete(key);
    this.#failures.set(key, failures);
    if (this.#failures.size > MAX_KEYS) this.#failures.delete(this.#failures.keys().next().value!);
  }

  #recent(key: string): number[] {
    const since = this.#now() - WINDOW_MS;
    return (this.#failures.get(key) ?? []).filter((at) => at > since);
  }
}
