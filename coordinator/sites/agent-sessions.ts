import { SESSION_MS } from './site-session.js';

/**
 * The sessions of one connected agent, as hashes of their tokens: the one that it connected with, and the one that it went on
 * with before that ended. An agent that did not go on while it could proves nothing afterwards, so then any session is taken.
 */
export class AgentSessions {
  #sessions: ReadonlySet<string>;
  #until: number;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(
    session: string,
    readonly address: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#sessions = new Set([session]);
    this.#until = now() + SESSION_MS;
  }

  has(session: string): boolean {
    return this.#sessions.has(session) || this.now() >= this.#until;
  }

  /** @returns false when `before` is none of them */
  renew(before: string, next: string): boolean {
    if (!this.#sessions.has(before)) return false;
    this.#sessions = new Set([before, next]);
    this.#until = this.now() + SESSION_MS;
    return true;
  }
}
