import { FederationError } from '@fedoxnet/shared/errors';

/**
 * How many bytes of JSON may be in memory at a time, over all requests and for each of those who send them: a parsed body
 * takes several times its bytes, and whoever may send many large ones must leave room for others.
 */
export class BodyBudget {
  readonly #open = new Map<string, number>();
  #total = 0;

  constructor(
    private readonly limit: number,
    private readonly limitOfOne: number,
  ) {}

  /**
   * Bytes of bodies that are on their way or being dealt with.
   * @returns gives the bytes back; calling it again does nothing
   * @throws {FederationError} `RATE_LIMITED` when there is no room now
   */
  take(who: string, bytes: number): () => void {
    const own = (this.#open.get(who) ?? 0) + bytes;
    if (own > this.limitOfOne || this.#total + bytes > this.limit) {
      throw new FederationError('RATE_LIMITED', 'Too many large bodies are on their way.');
    }
    this.#open.set(who, own);
    this.#total += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#total -= bytes;
      const left = (this.#open.get(who) ?? 0) - bytes;
      if (left > 0) this.#open.set(who, left);
      else this.#open.delete(who);
    };
  }
}
