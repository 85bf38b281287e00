import type { Logger } from 'pino';

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Pause before try number `failures` + 1: 0.25 s, doubling to 10 s. */
export function pauseMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}

/**
 * Does what has to be done however often it fails: the database may be away or the disk full for a while. What is still
 * open when the process ends is found again in the database by the next one.
 */
export class Insistence {
  readonly #log: Logger;
  readonly #tasks = new Set<Promise<void>>();
  /** Ends every pause. */
  readonly #closing = new AbortController();

  constructor(log: Logger) {
    this.#log = log;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Starts `work`, and starts it again until it succeeds. Resolves then, or when everything is closed. */
  insist(work: () => Promise<void>): Promise<void> {
    const task = this.#untilDone(work).finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
    return task;
  }

  /** Resolves after `ms`, or at once when everything is closed. */
  pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
    });
  }

  /** Resolves when all that is under way has ended; nothing is tried again. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks);
  }

  async #untilDone(work: () => Promise<void>): Promise<void> {
    for (let failures = 1; !this.closed; failures += 1) {
      try {
        return await work();
      } catch (error) {
        this.#log.error({ err: error, failures }, 'a step of the rounds failed and is tried again');
        await this.pause(pauseMs(failures));
      }
    }
  }
}
