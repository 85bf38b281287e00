/**
 * Lets through at most one message per interval. A message that comes too early waits and is replaced by a newer one,
 * so a receiver is never more than one interval behind and never flooded.
 */
export class Pacing<T> {
  private nextAt = 0;
  private waiting: { readonly message: T } | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly intervalMs: number,
    private readonly deliver: (message: T) => void,
    private readonly now: () => number = Date.now,
  ) {}

  offer(message: T): void {
    const waitMs = this.nextAt - this.now();
    if (waitMs <= 0) return this.send(message);
    this.waiting = { message };
    this.timer ??= setTimeout(() => this.flush(), waitMs).unref();
  }

  /** Delivers the waiting message now: the last word of a phase must not be lost. */
  flush(): void {
    if (this.waiting !== null) this.send(this.waiting.message);
  }

  private send(message: T): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.waiting = null;
    this.nextAt = this.now() + this.intervalMs;
    this.deliver(message);
  }
}
