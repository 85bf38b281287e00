/** Adds up where the time of a run goes. */
export class Stopwatch {
  private readonly spent: Record<string, number> = {};

  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.spent[phase] = (this.spent[phase] ?? 0) + (performance.now() - began) / 1000;
    }
  }

  /** Seconds by phase, to the hundredth. */
  get seconds(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.spent).map(([phase, value]) => [phase, Math.round(value * 100) / 100]),
    );
  }
}
