/** How long an answer may be used again: a revoked site can move chunks for this long, but nothing of it is counted. */
const FRESH_MS = 1000;
const MANY = 4096;

/**
 * Answers that were found a moment ago, for requests that come by the hundred per second with the same question: chunks.
 * A question that failed is asked anew.
 */
export class Recent<T> {
  readonly #answers = new Map<string, { readonly value: Promise<T>; readonly until: number }>();

  /** @param now milliseconds of a clock that nobody sets: one that is set back would keep an answer for as long */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    if (known !== undefined && this.now() < known.until) return known.value;
    if (this.#answers.size >= MANY) this.#answers.clear();
    const value = ask();
    this.#answers.set(question, { value, until: this.now() + FRESH_MS });
    value.catch(() => this.#answers.delete(question));
    return value;
  }
}
