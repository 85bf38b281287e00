/**
 * Bounds how many bytes leave a site: in any time t at most `rate` · t, and `burst` more after a rest. Who takes more than
 * there is waits, first come, first served.
 */
export class TokenBucket {
  /** When everything that was taken so far has been paid for, in milliseconds; a rest pays for at most one burst ahead. */
  private paidAt = -Infinity;

  /**
   * @param rate  bytes per second
   * @param burst bytes
   * @param sleep resolves after so many milliseconds of `now`
   */
  constructor(
    private readonly rate: number,
    private readonly burst: number,
    private readonly now: () => number = () => performance.now(),
    private readonly sleep: (ms: number) => Promise<void> = (ms) =>
      new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    if (!(rate > 0 && burst > 0)) throw new RangeError(`rate ${rate} and burst ${burst} must be above 0`);
  }

  /** Resolves when `bytes` may be sent. */
  async take(bytes: number): Promise<void> {
    const now = this.now();
    this.paidAt = Math.max(this.paidAt, now - this.ms(this.burst)) + this.ms(bytes);
    const wait = this.paidAt - now;
    if (wait > 0) await this.sleep(wait);
  }

  private ms(bytes: number): number {
    return (1000 * bytes) / this.rate;
  }
}

/** A burst of a quarter of a second, so that pieces do not wait one by one. */
const BURST_SECONDS = 0.25;
const BYTES_PER_MEGABIT = 125_000;

/** @returns null where the site sets no limit */
export function uploadBucket(megabitsPerSecond: number | undefined): TokenBucket | null {
  if (megabitsPerSecond === undefined) return null;
  const rate = megabitsPerSecond * BYTES_PER_MEGABIT;
  return new TokenBucket(rate, rate * BURST_SECONDS);
}
