import { TooMuchFound } from '../pacs.js';
import { FilmNotGiven } from '../pacs-failure.js';
import { Slots } from '../slots.js';
import { Association, type AssociationTarget } from './association.js';
import type { ProposedContext } from './negotiation.js';

/** What each association of a pool is to speak of. */
export interface Proposals {
  readonly contexts: readonly ProposedContext[];
  /** Abstract syntaxes of which we take objects. */
  readonly provides: readonly string[];
}

/** Associations with one PACS that rest between requests, since negotiating one takes longer than a small film. */
export class AssociationPool {
  private readonly slots: Slots;
  private readonly resting: Association[] = [];

  /** @param size associations at once */
  constructor(
    private readonly target: AssociationTarget,
    size: number,
    private readonly proposals: Proposals,
  ) {
    this.slots = new Slots(size);
  }

  /** Runs `work` over an association of its own. One that failed in the middle of a request nobody uses again. */
  run<T>(signal: AbortSignal, work: (association: Association) => Promise<T>): Promise<T> {
    return this.slots.run(async () => {
      const association = await this.take(signal);
      const stop = (): void => association.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        const result = await work(association);
        this.resting.push(association);
        return result;
      } catch (error) {
        // These two are whole answers.
        if (error instanceof FilmNotGiven || error instanceof TooMuchFound) this.resting.push(association);
        else association.destroy();
        signal.throwIfAborted();
        throw error;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.resting.splice(0).map((association) => association.release()));
  }

  private take(signal: AbortSignal): Promise<Association> {
    for (let rested = this.resting.pop(); rested !== undefined; rested = this.resting.pop()) {
      if (rested.isOpen) return Promise.resolve(rested);
      rested.destroy();
    }
    const { contexts, provides } = this.proposals;
    return Association.request(this.target, contexts, provides, signal);
  }
}
