import type { SumOrder } from './sum-messages.js';
import { SumThread } from './sum-thread.js';

/**
 * Threads that sum rounds. They rest between rounds: to start one and to compile what it runs takes as long as summing a
 * hundred megabytes. The first round starts them.
 */
export class SumThreads {
  #resting: SumThread[] = [];

  /** @returns `count` threads that know the round; `giveBack` them, whatever becomes of it */
  async begin(order: SumOrder, count: number): Promise<readonly SumThread[]> {
    const rested = this.#resting.splice(0, count);
    const threads = Array.from({ length: count }, (_, index) => rested[index] ?? new SumThread());
    try {
      await Promise.all(threads.map((thread) => thread.begin(order)));
      return threads;
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.close()));
      throw error;
    }
  }

  /** @param threads that nobody waits for. One that has failed is not used again. */
  async giveBack(threads: readonly SumThread[]): Promise<void> {
    for (const thread of threads) {
      try {
        await thread.end();
        this.#resting.push(thread);
      } catch {
        await thread.close();
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#resting.splice(0).map((thread) => thread.close()));
  }
}
