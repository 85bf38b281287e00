import { FederationError } from '@fedoxnet/shared/errors';
import { removeSpares } from '../files/spare-file.js';
import type { CensusSender } from './census-sender.js';
import { asFederationError } from './failure.js';
import type { Job, JobQueue } from './job-queue.js';
import type { PlanGate } from './plan-gate.js';
import { preparationOf, workFolder, type AgentStopped, type SiteWork } from './site-work.js';

/** How soon a site notices a new study that its policy approves. */
const STUDIES_EVERY_MS = 5000;

export interface StudyWatchParts {
  readonly work: SiteWork;
  readonly gate: PlanGate;
  readonly jobs: JobQueue;
  readonly census: CensusSender;
  readonly isConnected: () => boolean;
}

/** Keeps an agent in step with the studies that there are: which begin here, which were refused, which have ended. */
export class StudyWatch {
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private comparing: Promise<void> | null = null;
  /** Plans whose films were loaded before a round asked for them. */
  private readonly warmed = new Set<string>();
  /** Studies whose end was told or is being told: the socket and the comparison may both bring it. */
  private readonly over = new Set<string>();

  constructor(private readonly parts: StudyWatchParts) {}

  start(): void {
    this.compare();
    this.timer = setInterval(() => this.compare(), STUDIES_EVERY_MS);
  }

  /** What is under way ends as soon as it can: `idle` waits for it. */
  stop(reason: AgentStopped): void {
    clearInterval(this.timer);
    this.stopping.abort(reason);
  }

  async idle(): Promise<void> {
    await this.comparing;
  }

  connected(): void {
    this.parts.census.forget();
    this.compare();
  }

  /** An evaluation of a finished study may still be on its way out; a cancelled one needs nothing more. */
  async end(study: string, state: 'finished' | 'cancelled' | 'failed'): Promise<void> {
    const { work, gate, jobs } = this.parts;
    if (this.over.has(study)) return;
    this.over.add(study);
    const needless = (job: Job) => job.study === study && (state !== 'finished' || job.kind === 'contribute');
    jobs.cancel(needless, new FederationError('ROUND_CLOSED', `Study ${study} is ${state}.`));
    await jobs.idle();
    await gate.markEnded(study, state);
    await work.trainer.stop();
    await removeSpares(workFolder(work.home, study));
    work.emit({ event: 'ended', study, state });
  }

  /** Approves what the policy approves, learns what ended while the site was away, and loads the films of what will run. */
  private compare(): void {
    const { gate, census, isConnected } = this.parts;
    this.comparing ??= this.inBackground('The studies could not be compared', async () => {
      await this.dropRefused();
      if (isConnected()) {
        for (const { study, state } of await gate.reconcile()) await this.end(study, state);
        await this.inBackground('The census was not sent', async () => census.send(await gate.running()));
      }
      await this.warmUp();
    }).finally(() => (this.comparing = null));
  }

  /** People of the site may refuse a plan at any time, here or with another command. */
  private async dropRefused(): Promise<void> {
    const { gate, jobs } = this.parts;
    const running = new Set((await gate.running()).map(({ study }) => study));
    for (const { study, hash } of await gate.refused()) {
      if (running.has(study)) continue; // by another plan
      const refused = new FederationError(
        'PLAN_NOT_APPROVED',
        `Plan ${hash} of ${study} was refused at this site.`,
      );
      jobs.cancel((job) => job.study === study, refused);
    }
  }

  /** Decodes the films of the one study there is before its first invitation comes; which of several is first, nobody knows. */
  private async warmUp(): Promise<void> {
    const { work, gate, jobs } = this.parts;
    const { signal } = this.stopping;
    const [only, ...others] = await gate.running();
    if (only === undefined || others.length > 0 || !jobs.isIdle || this.warmed.has(only.hash)) return;
    if (!(await gate.allows(only, 'begin'))) return;
    this.warmed.add(only.hash); // once: what fails here fails again in the round, and is reported there
    await work.trainer.prepare(preparationOf(work, only.plan), { signal });
  }

  /** For work nobody waits for: a failure is a line in the log. */
  private inBackground(what: string, task: () => Promise<void>): Promise<void> {
    return task().catch((error: unknown) => {
      if (this.stopping.signal.aborted) return;
      const { code, message } = asFederationError(error);
      this.parts.work.log.warn({ code }, `${what}: ${message}`);
    });
  }
}
