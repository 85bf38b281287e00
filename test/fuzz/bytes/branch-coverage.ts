import { readFileSync } from 'node:fs';
import { Session, type Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';

/**
 * Which stretches of some files have run, as V8 counts them itself: nothing is instrumented. A look costs as much as many
 * inputs, so callers look once for a batch of them.
 */
export class BranchCoverage {
  readonly #session = new Session();
  /** By address: 1 for every character of the file that ran. */
  readonly #covered: ReadonlyMap<string, Uint8Array>;

  /** @param urls of the compiled files, not yet run in any other measurement of this process */
  constructor(urls: readonly string[]) {
    const blank = (url: string): Uint8Array =>
      new Uint8Array(readFileSync(fileURLToPath(url), 'utf8').length);
    this.#covered = new Map(urls.map((url) => [url, blank(url)]));
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Characters that `run` was the first to reach. @param keep remember them as reached */
  freshBy(run: () => void, keep: boolean): number {
    this.#ran();
    run();
    let fresh = 0;
    for (const { url, functions } of this.#ran()) {
      const covered = this.#covered.get(url);
      if (covered === undefined) continue;
      const now = new Uint8Array(covered.length);
      // Outer ranges come first; a block within them is listed when it ran more or less often.
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges)
          now.fill(Math.min(count, 1), startOffset, endOffset);
      }
      for (const [at, isReached] of now.entries()) {
        if (isReached === 0 || covered[at] === 1) continue;
        fresh += 1;
        if (keep) covered[at] = 1;
      }
    }
    return fresh;
  }

  close(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** What ran since it was asked last. The session is of this very thread: it answers before `post` returns. */
  #ran(): readonly Profiler.ScriptCoverage[] {
    let ran: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, reply) => {
      if (error !== null) throw error;
      ran = reply.result;
    });
    return ran;
  }
}
