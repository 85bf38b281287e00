/**
 * Who was shut out, and when. A handshake looks its token up and then waits, for the database or for an older connection to
 * answer; who is shut out meanwhile has no connection yet that could be ended, and would get one a moment later.
 */
export class ShutOuts {
  readonly #last = new Map<string, number>();
  #moment = 0;

  /** To be taken before a token is looked up. */
  get moment(): number {
    return this.#moment;
  }

  add(name: string): void {
    this.#moment += 1;
    this.#last.set(name, this.#moment);
  }

  /** True when `name` was shut out after `moment`: what was found out of its token then holds no more. */
  since(moment: number, name: string): boolean {
    return (this.#last.get(name) ?? 0) > moment;
  }
}
