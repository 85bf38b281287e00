/** Lets through what is new, and repeats of it only now and then: whoever repeats himself may not fill a log. */
export class Seldom {
  readonly #passed = new Map<string, number>();

  /**
   * @param everyMs how long a repeat is held back
   * @param now     milliseconds of a clock that nobody sets
   */
  constructor(
    private readonly everyMs = 10 * 60_000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param key one of a bounded set, such as the names of sites */
  passes(key: string): boolean {
    const at = this.now();
    if (at - (this.#passed.get(key) ?? -Infinity) < this.everyMs) return false;
    this.#passed.set(key, at);
    return true;
  }
}
