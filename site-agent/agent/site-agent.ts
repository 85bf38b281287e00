import type { Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type {
  EvaluationInvitation,
  InvitationReply,
  RoundClosed,
  RoundInvitation,
} from '@fedoxnet/shared/protocol/socket-messages';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Ledger } from '../ledger/ledger.js';
import { lockHome } from './agent-lock.js';
import { CensusSender } from './census-sender.js';
import { contributeUpdate } from './contribute-update.js';
import { confirmReceipts } from './countersign.js';
import { asFederationError } from './failure.js';
import { HttpClient } from './http-client.js';
import { evaluateRelease } from './evaluate-release.js';
import { loadIdentity, type Identity } from './identity.js';
import { JobQueue, type Job } from './job-queue.js';
import { Journal, type RoundEntry } from './journal.js';
import { Link, type LinkHandlers } from './link.js';
import type { LiveEvent, Progress } from './live-events.js';
import { Pacing } from './pacing.js';
import { PlanGate } from './plan-gate.js';
import { readPolicy } from './policy.js';
import { RoundRecords } from './round-records.js';
import { Session } from './session.js';
import { countFilms } from './site-films.js';
import { AgentStopped, type Backend, type SiteWork } from './site-work.js';
import { logTrainerLine } from './trainer-output.js';
import { requireStage } from './stage-gate.js';
import { StudyWatch } from './study-watch.js';
import { uploadBucket, type TokenBucket } from './token-bucket.js';
import { TrainerProcess, type Prepared, type TrainerOptions } from './trainer-process.js';

export interface SiteAgentOptions {
  /** Absolute paths of the agent's own folder and of the folder with `catalogue.json`. */
  readonly home: string;
  readonly data: string;
  readonly backend: Backend;
  /** What the dashboard shows as the agent's version, for example `fedoxnet-site 0.1.0`. */
  readonly agent: string;
  readonly trainer: Pick<TrainerOptions, 'entry' | 'env'>;
  /** Ends the agent after this long without a connection; Infinity for a service. */
  readonly patienceMs: number;
  /** The same while another agent is connected with this site's key. */
  readonly takeoverMs: number;
  readonly log: Logger;
  readonly onEvent: (event: LiveEvent) => void;
}

const PROGRESS_TO_COORDINATOR_MS = 250;
const PROGRESS_EVENT_MS = 500;

/**
 * Serves a site's studies until `signal` is aborted, then stops the trainer and returns; a round in progress stays in the
 * journal and goes on at the next start.
 * @throws {FederationError} when the site is not enrolled, its files are wrong, or the coordinator refuses it for good
 */
export async function runSiteAgent(options: SiteAgentOptions, signal: AbortSignal): Promise<void> {
  const { home, data } = options;
  const identity = await loadIdentity(home);
  const { uploadMegabitsPerSecond } = await readPolicy(home);
  const films = await countFilms(data);
  const unlock = await lockHome(home);
  failpoint('agent.start.locked');
  try {
    const agent = new SiteAgent(
      options,
      identity,
      await Journal.open(home),
      uploadBucket(uploadMegabitsPerSecond),
    );
    await agent.run(films, signal);
  } finally {
    unlock();
  }
}

/** Answers the coordinator: decides what is accepted, queues the work, reports what fails. Nothing that fails ends it. */
class SiteAgent {
  private readonly work: SiteWork;
  private readonly gate: PlanGate;
  private readonly jobs: JobQueue;
  private readonly link: Link;
  private readonly studies: StudyWatch;
  private readonly ledger: Ledger;

  constructor(
    private readonly options: SiteAgentOptions,
    identity: Identity,
    journal: Journal,
    upload: TokenBucket | null,
  ) {
    const { home, data, backend, log, onEvent, patienceMs, takeoverMs } = options;
    const traffic = { sent: 0, received: 0 };
    const ledger = new Ledger({
      home,
      to: identity.address,
      onFault: (error) =>
        log.error({ err: error }, 'the ledger cannot be written; what leaves is kept until it can'),
    });
    this.ledger = ledger;
    const tokens = new Session(identity, new HttpClient(identity.address, traffic, { ledger }));
    const trainer = new TrainerProcess({
      ...options.trainer,
      onOutput: (line) => logTrainerLine(log, line),
      onPrepared: (prepared) => this.onPrepared(prepared),
    });
    const toCoordinator = new Pacing<Progress>(PROGRESS_TO_COORDINATOR_MS, (message) =>
      this.link.progress(message),
    );
    const toEvents = new Pacing<Progress>(PROGRESS_EVENT_MS, (message) =>
      onEvent({ event: 'progress', ...message }),
    );
    this.jobs = new JobQueue((error) => log.error(error, 'a job failed in a way nobody foresaw'));
    this.link = new Link(
      { address: identity.address, tokens, ledger, patienceMs, takeoverMs },
      this.handlers(),
    );
    const http = new HttpClient(identity.address, traffic, { tokens, upload, ledger });
    this.gate = new PlanGate(home, data, http, identity);
    this.work = {
      identity,
      http,
      journal,
      records: new RoundRecords(home),
      refusedReceipts: new Set(),
      trainer,
      home,
      data,
      backend,
      log,
      emit: onEvent,
      report: (progress) => {
        toCoordinator.offer(progress);
        toEvents.offer(progress);
      },
      flush: () => {
        toCoordinator.flush();
        toEvents.flush();
      },
    };
    this.studies = new StudyWatch({
      ...{ work: this.work, gate: this.gate, jobs: this.jobs, census: new CensusSender(home, data, http) },
      isConnected: () => this.link.isConnected,
    });
  }

  async run(films: Prepared['films'], signal: AbortSignal): Promise<void> {
    const { identity, journal, home, trainer } = this.work;
    this.work.emit({ event: 'started', site: identity.site, coordinator: identity.address, home });
    this.link.describe({ agent: this.options.agent, backend: this.options.backend, films });
    for (const entry of journal.rounds()) await this.resume(entry);
    this.studies.start();
    try {
      await this.link.run(signal);
    } finally {
      const stopped = new AgentStopped('The agent was stopped.');
      this.studies.stop(stopped);
      this.jobs.cancel(() => true, stopped);
      await this.jobs.idle();
      await this.studies.idle();
      await trainer.close();
      this.ledger.flush();
    }
  }

  private handlers(): LinkHandlers {
    const { log, onEvent } = this.options;
    return {
      onConnected: () => this.onConnected(),
      onDisconnected: (reason) => onEvent({ event: 'disconnected', reason }),
      onRefused: (error, waitMs) => log.warn({ code: error.code, waitMs }, error.line),
      onInvitation: (invitation) => this.onInvitation(invitation),
      onEvaluation: (invitation) => this.onEvaluation(invitation),
      onClosed: (message) => this.onClosed(message),
      onEnded: ({ study, state }) =>
        void this.studies
          .end(study, state)
          .catch((error: unknown) => log.error(error, 'the end of a study was not noted')),
      onUnreadable: (error) => log.warn({ code: error.code }, error.message),
    };
  }

  private onPrepared({ backend, films }: Prepared): void {
    this.work.emit({ event: 'prepared', backend, films });
    this.link.describe({ agent: this.options.agent, backend, films });
  }

  private onConnected(): void {
    const { identity, emit } = this.work;
    emit({ event: 'connected', site: identity.site, coordinator: identity.address });
    this.studies.connected();
    void confirmReceipts(this.work);
  }

  private onInvitation(invitation: RoundInvitation): Promise<InvitationReply> {
    return this.decide(invitation, async () => {
      const { study, planHash, round, attempt, release } = invitation;
      const plan = await this.gate.planKnownAs(planHash, study);
      await requireStage(plan, round, this.work.data);
      const { journal } = this.work;
      const known = journal.find(study, round, attempt);
      const entry: RoundEntry = known ?? { ...invitation, ticket: null, delivered: false };
      if (entry.delivered) return;
      if (known === null) await journal.put(entry);
      failpoint('agent.invite.journaled');
      const older = (job: Job) =>
        job.kind === 'contribute' && job.study === study && (job.round !== round || job.attempt !== attempt);
      this.jobs.cancel(older, new FederationError('ROUND_CLOSED', `${study} is now at round ${round}.`));
      if (this.contribute(plan, entry)) this.work.emit({ event: 'round', study, round, attempt, release });
    });
  }

  private onEvaluation(invitation: EvaluationInvitation): Promise<InvitationReply> {
    return this.decide(invitation, async () => {
      const { study, round, attempt } = invitation;
      failpoint('agent.evaluate.asked');
      const { plan, hash } = await this.gate.planOf(study);
      const wanted = { ...invitation, planHash: hash };
      const at = { study, round, attempt };
      this.jobs.add({
        kind: 'evaluate',
        ...at,
        run: (signal) => this.reporting(at, signal, () => evaluateRelease(this.work, plan, wanted, signal)),
      });
    });
  }

  private async decide(
    { study, round }: { study: string; round: number },
    accept: () => Promise<void>,
  ): Promise<InvitationReply> {
    try {
      await accept();
      failpoint('agent.invite.answering');
      return { accepted: true };
    } catch (error) {
      const { code, message } = asFederationError(error);
      this.work.emit({ event: 'declined', study, round, code, message });
      return { accepted: false, code, message: message.slice(0, 500) };
    }
  }

  private contribute(plan: StudyPlan, entry: RoundEntry): boolean {
    const { study, round, attempt } = entry;
    return this.jobs.add({
      kind: 'contribute',
      study,
      round,
      attempt,
      run: (signal) => this.reporting(entry, signal, () => contributeUpdate(this.work, plan, entry, signal)),
    });
  }

  /** What was accepted before the agent ended. Whether there is still time the coordinator says: clocks differ. */
  private async resume(entry: RoundEntry): Promise<void> {
    const { journal, log } = this.work;
    const approval = (await this.gate.running()).find(({ hash }) => hash === entry.planHash);
    if (entry.delivered) return;
    if (approval === undefined || !(await this.gate.allows(approval, 'finish'))) return journal.remove(entry);
    this.contribute(approval.plan, entry);
    log.info({ study: entry.study, round: entry.round, trained: entry.ticket !== null }, 'going on');
  }

  /** Failures of a job go to the coordinator and the log, and the agent goes on. */
  private async reporting(
    { study, round, attempt }: Pick<RoundEntry, 'study' | 'round' | 'attempt'>,
    signal: AbortSignal,
    job: () => Promise<void>,
  ): Promise<void> {
    try {
      await job();
    } catch (error) {
      this.work.flush();
      if (signal.reason instanceof AgentStopped) return;
      const failed = asFederationError(error);
      const { code, message } = failed;
      this.work.emit({ event: 'failed', study, round, attempt, code, message });
      this.work.log.warn({ study, round, attempt, code, err: failed.cause }, message);
      // A round that is over needs no report: the coordinator is the one who closed it.
      if (code !== 'ROUND_CLOSED') {
        this.link.fail({ study, round, attempt, code, message: message.slice(0, 500) });
      }
    }
  }

  private onClosed({ study, round, counted, carried }: RoundClosed): void {
    const { identity, emit } = this.work;
    emit({ event: 'closed', study, round, counted });
    // The word that our update was counted may overtake the answer to the upload: then there is nothing to end.
    if (counted.includes(identity.site) || carried.includes(identity.site)) return;
    const late = (job: Job) => job.kind === 'contribute' && job.study === study && job.round <= round;
    this.jobs.cancel(late, new FederationError('ROUND_CLOSED', `Round ${round} of ${study} has closed.`));
  }
}
