/** One piece of work that was accepted: a round to train, or a release to evaluate. */
export interface Job {
  readonly kind: 'contribute' | 'evaluate';
  readonly study: string;
  readonly round: number;
  readonly attempt: number;
  /** Handles its own failures; a rejection is a defect and ends the queue's promise. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** Runs accepted jobs one after another: a site has one trainer. The same job is never taken twice. */
export class JobQueue {
  private readonly jobs: { readonly job: Job; readonly controller: AbortController }[] = [];
  private working: Promise<void> | null = null;

  /** @param onDefect called when a job rejects, which it should not */
  constructor(private readonly onDefect: (error: unknown) => void) {}

  /** @returns false when the same job runs or waits already */
  add(job: Job): boolean {
    if (this.jobs.some((entry) => isSame(entry.job, job))) return false;
    this.jobs.push({ job, controller: new AbortController() });
    this.working ??= this.work().finally(() => (this.working = null));
    return true;
  }

  /** Ends running jobs and drops waiting ones; each sees `reason` as the reason of its signal. */
  cancel(matches: (job: Job) => boolean, reason: Error): void {
    for (const { job, controller } of this.jobs) if (matches(job)) controller.abort(reason);
  }

  get isIdle(): boolean {
    return this.working === null;
  }

  /** Resolves when nothing runs or waits any more. */
  async idle(): Promise<void> {
    while (this.working !== null) await this.working;
  }

  private async work(): Promise<void> {
    for (let next = this.jobs[0]; next !== undefined; next = this.jobs[0]) {
      try {
        if (!next.controller.signal.aborted) await next.job.run(next.controller.signal);
      } catch (error) {
        this.onDefect(error);
      } finally {
        this.jobs.shift();
      }
    }
  }
}

function isSame(a: Job, b: Job): boolean {
  return a.kind === b.kind && a.study === b.study && a.round === b.round && a.attempt === b.attempt;
}
