import type { LossTerms } from '../trainer/ipc.js';

/** Running mean of each loss term; a term that never came is absent. */
export class LossMeans {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(losses: ReadonlyMap<string, number>): void {
    for (const [term, value] of losses) {
      const entry = this.sums.get(term) ?? { sum: 0, count: 0 };
      this.sums.set(term, { sum: entry.sum + value, count: entry.count + 1 });
    }
  }

  mean(): LossTerms {
    return Object.fromEntries([...this.sums].map(([term, { sum, count }]) => [term, sum / count]));
  }

  clear(): void {
    this.sums.clear();
  }

  /** For a checkpoint, and back. */
  toEntries(): [string, number, number][] {
    return [...this.sums].map(([term, { sum, count }]) => [term, sum, count]);
  }

  static fromEntries(entries: readonly (readonly [string, number, number])[]): LossMeans {
    const means = new LossMeans();
    for (const [term, sum, count] of entries) means.sums.set(term, { sum, count });
    return means;
  }
}
