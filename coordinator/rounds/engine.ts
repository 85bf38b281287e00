import type { Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type {
  EvaluationInvitation,
  RoundFailure,
  RoundInvitation,
  RoundProgress,
} from '@fedoxnet/shared/protocol/socket-messages';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import type { BlobStore } from '../blobs/blob-store.js';
import type { Actor } from '../people/roles.js';
import type { AuditKind } from '../audit/audit-chain.js';
import type { Database } from '../storage/database.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { StudyRow } from '../storage/study-tables.js';
import type { LiveProgress } from './live-progress.js';
import { oneLine } from './one-line.js';
import { aggregationStep, publishStep, type RoundStep } from './round-steps.js';
import { isCollecting, type RoundRun, type RunEffect, type RunEvent } from './run.js';
import type { SiteLink } from './site-link.js';
import { StudyActor, type Within } from './study-actor.js';
import { nextWake } from './waiting.js';

export interface EngineOptions {
  readonly database: Database;
  readonly blobs: BlobStore;
  readonly keys: SiteKeys;
  readonly live: LiveProgress;
  readonly log: Logger;
  readonly leaseMs: number;
  readonly now: () => number;
  /** Called after anything a person could see has changed. */
  readonly onChange: (study: string) => void;
}

interface StudyEntry {
  readonly actor: StudyActor;
  readonly sites: ReadonlySet<string>;
  readonly approved: Set<string>;
  timer: NodeJS.Timeout | null;
}

/** setTimeout counts in 32 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const FLUSH_MS = 5_000;

/** Runs the rounds of all studies: turns what happens into events, and effects into messages, sums and releases. */
export class RoundEngine {
  readonly #options: EngineOptions;
  readonly #studies = new Map<string, StudyEntry>();
  /** Effects under way; `close` waits for them. */
  readonly #tasks = new Set<Promise<void>>();
  readonly #aggregating = new Set<string>();
  #link: SiteLink | null = null;
  #flush: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Reads every study and goes on where the last process stopped. */
  async start(link: SiteLink): Promise<void> {
    this.#link = link;
    for (const study of await this.#options.database.stores.studies.all()) await this.addStudy(study);
    this.#flush = setInterval(() => this.#run(this.#writeProgress()), FLUSH_MS);
    this.#flush.unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#flush !== null) clearInterval(this.#flush);
    for (const { timer } of this.#studies.values()) if (timer !== null) clearTimeout(timer);
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks);
    for (const { actor } of this.#studies.values()) await actor.idle();
    await this.#writeProgress();
  }

  async addStudy({ name, plan, planHash }: StudyRow): Promise<void> {
    const { database, leaseMs, now } = this.#options;
    const approvals = await database.stores.studies.approvals(name);
    const approved = new Set(approvals.filter(({ hash }) => hash === planHash).map(({ site }) => site));
    const isReady = (site: string): boolean => approved.has(site) && this.#isConnected(site);
    const actor = new StudyActor({ study: name, database, leaseMs, now, isReady });
    this.#studies.set(name, { actor, sites: new Set(plan.sites), approved, timer: null });
    await this.#restoreProgress(name);
    await this.apply(name, { kind: 'recovered' });
  }

  /** The latest round as the rules see it. */
  round(study: string): RoundRun | null {
    return this.#studies.get(study)?.actor.run?.round ?? null;
  }

  isApproved(study: string, site: string): boolean {
    return this.#studies.get(study)?.approved.has(site) ?? false;
  }

  /** Stores the event's consequences, then starts what follows from them. */
  async apply(study: string, event: RunEvent, within?: Within): Promise<void> {
    const entry = this.#entry(study);
    const effects = await entry.actor.apply(event, within);
    this.#schedule(study, entry);
    this.#options.onChange(study);
    for (const effect of effects) this.#run(this.#perform(study, effect));
  }

  async siteConnected(site: string): Promise<void> {
    await this.#forStudiesOf(site, (study) => this.apply(study, { kind: 'arrived', site }));
  }

  async siteDisconnected(site: string): Promise<void> {
    await this.#forStudiesOf(site, (study) => this.apply(study, { kind: 'left', site }));
  }

  /** Something that is shown of the site has changed. */
  siteChanged(site: string): void {
    for (const [study, { sites }] of this.#studies) if (sites.has(site)) this.#options.onChange(study);
  }

  /** The approval is already stored. */
  async siteApproved(study: string, site: string): Promise<void> {
    this.#entry(study).approved.add(site);
    this.#options.onChange(study);
    if (this.#isConnected(site)) await this.apply(study, { kind: 'arrived', site });
  }

  /** @throws {FederationError} `ROUND_CLOSED` when the message is of another round or attempt */
  async progress(site: string, message: RoundProgress): Promise<void> {
    const { study, phase, attempt } = message;
    const round = this.#currentRound(site, study, message.round, attempt);
    this.#options.live.record(site, message);
    const state = phase === 'train' ? 'training' : phase === 'upload' ? 'uploading' : null;
    if (state !== null && round.sites[site]?.state !== state) {
      await this.apply(study, { kind: 'progressed', site, attempt, state });
    } else {
      this.#options.onChange(study);
    }
  }

  async failure(site: string, { study, round: number, attempt, code, message }: RoundFailure): Promise<void> {
    const round = this.#currentRound(site, study, number, attempt);
    const reason = oneLine(`${code}: ${message}`);
    this.#options.log.warn({ study, site, round: number, reason }, 'site failed');
    await this.apply(
      study,
      round.state === 'evaluating'
        ? { kind: 'evaluation-out', site, reason }
        : { kind: 'failed', site, attempt, reason },
    );
  }

  /**
   * Counts a verified upload, exactly once.
   * @throws {FederationError} `ROUND_CLOSED` when it came too late
   */
  async deliver(upload: UploadRow): Promise<void> {
    const { id, study, round, attempt, site, header } = upload;
    const at = new Date(this.#options.now());
    await this.apply(study, { kind: 'uploaded', site, attempt }, async (stores, after) => {
      const current = after.round;
      const counts =
        current?.number === round && current.attempt === attempt && current.sites[site]?.state === 'uploaded';
      if (!counts || !(await stores.uploads.complete(id, at))) {
        throw new FederationError('ROUND_CLOSED', `Round ${round} of ${study} takes no update any more.`);
      }
      await stores.rounds.putDelivery(study, round, site, {
        upload: id,
        masses: header.masses,
        uploadBytes: header.bytes + 16 * header.chunks,
      });
      await stores.audit.append(at, 'upload-accepted', {
        study,
        round,
        attempt,
        site,
        upload: id,
        digest: header.digest,
      });
    });
  }

  /** @throws {FederationError} `ROUND_CLOSED` when the round is not being scored */
  async report(study: string, round: number, site: string, report: EvaluationReport): Promise<void> {
    await this.apply(study, { kind: 'evaluated', site }, async (stores, after) => {
      if (after.round?.number !== round || after.round.sites[site]?.evaluation !== 'done') {
        throw new FederationError('ROUND_CLOSED', `Round ${round} of ${study} takes no report now.`);
      }
      await stores.rounds.putReport(study, round, site, report);
    });
  }

  /** An operator's order. @throws {FederationError} `STUDY_STATE` when it does not fit the study's state */
  async order(study: string, kind: 'started' | 'paused' | 'resumed' | 'cancelled', by: Actor): Promise<void> {
    const entry = this.#entry(study);
    const before = entry.actor.run?.state ?? 'created';
    const allowed = {
      started: ['created'],
      paused: ['running'],
      resumed: ['paused', 'failed'],
      cancelled: ['created', 'running', 'paused', 'failed'],
    }[kind];
    if (!allowed.includes(before)) {
      throw new FederationError('STUDY_STATE', `Study ${study} is ${before}.`);
    }
    if (kind === 'started') {
      const model = await this.#options.database.stores.studies.findRelease(study, 0);
      if (model === null) throw new FederationError('MODEL_INVALID', `Study ${study} has no initial model.`);
    }
    const kinds = { started: 'start', paused: 'pause', resumed: 'resume', cancelled: 'cancel' } as const;
    await this.apply(study, { kind }, this.#audited(kinds[kind], { study, by: by.name }));
  }

  async #restoreProgress(study: string): Promise<void> {
    const latest = await this.#options.database.stores.rounds.latest(study);
    if (latest === null || latest.round.endedAt !== null) return;
    const { number: round, attempt } = latest.round;
    for (const { site, step, steps, losses, curve, filmsPerSecond } of latest.sites) {
      this.#options.live.restore(study, site, { round, attempt, step, steps, losses, curve, filmsPerSecond });
    }
  }

  #audited(kind: AuditKind, detail: Readonly<Record<string, unknown>>): Within {
    return (stores) => stores.audit.append(new Date(this.#options.now()), kind, detail);
  }

  #entry(study: string): StudyEntry {
    const entry = this.#studies.get(study);
    if (entry === undefined) throw new FederationError('NOT_FOUND', `There is no study ${study}.`);
    return entry;
  }

  #isConnected(site: string): boolean {
    return this.#link?.isConnected(site) ?? false;
  }

  async #forStudiesOf(site: string, act: (study: string) => Promise<void>): Promise<void> {
    for (const [study, { sites, approved }] of this.#studies) {
      if (!sites.has(site)) continue;
      this.#options.onChange(study);
      if (approved.has(site)) await act(study);
    }
  }

  #currentRound(site: string, study: string, number: number, attempt: number): RoundRun {
    const { sites, actor } = this.#entry(study);
    if (!sites.has(site))
      throw new FederationError('FORBIDDEN', `Site ${site} is not part of study ${study}.`);
    const round = actor.run?.round;
    if (round?.number !== number || round.attempt !== attempt) {
      throw new FederationError(
        'ROUND_CLOSED',
        `Study ${study} is not in attempt ${attempt} of round ${number}.`,
      );
    }
    return round;
  }

  #schedule(study: string, entry: StudyEntry): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    const { run } = entry.actor;
    const now = this.#options.now();
    const wake = run === null ? null : nextWake(run, now);
    if (wake === null || this.#closed) return;
    const wait = Math.min(Math.max(0, wake - now), LONGEST_TIMER_MS);
    entry.timer = setTimeout(() => this.#run(this.apply(study, { kind: 'ticked' })), wait);
  }

  /** Starts work that nobody waits for; its errors go to the log. */
  #run(work: Promise<void>): void {
    const task = work
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'a step of the rounds failed'))
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  async #perform(study: string, effect: RunEffect): Promise<void> {
    if (this.#closed) return;
    switch (effect.kind) {
      case 'invite':
        return this.#invite(study, effect.site);
      case 'ask-evaluation':
        return this.#askEvaluation(study, effect.site);
      case 'aggregate':
        return this.#aggregate(study);
      case 'publish':
        return this.#publish(study);
      case 'next-round':
        return this.apply(study, { kind: 'next-round' });
      case 'tell-closed': {
        const round = this.round(study)?.number;
        if (round === undefined) return;
        failpoint('coordinator.close.telling');
        for (const site of this.#entry(study).approved) {
          this.#link?.tellClosed(site, { study, round, counted: [...effect.counted] });
        }
        return;
      }
      case 'tell-ended':
        failpoint('coordinator.end.telling');
        for (const site of this.#entry(study).approved)
          this.#link?.tellEnded(site, { study, state: effect.state });
    }
  }

  async #invite(study: string, site: string): Promise<void> {
    const round = this.round(study);
    const { stores } = this.#options.database;
    const base = round === null ? null : await stores.studies.findRelease(study, round.number - 1);
    if (!isCollecting(round) || base === null) return;
    const { number, attempt, deadline } = round;
    const message: RoundInvitation = {
      study,
      planHash: base.header.planHash,
      round: number,
      attempt,
      release: base.number,
      digest: base.header.digest,
      deadline: new Date(deadline ?? this.#options.now()).toISOString(),
    };
    failpoint('coordinator.invite.sending');
    const reply = await this.#link?.invite(site, message);
    if (reply === null || reply === undefined) return;
    failpoint('coordinator.invite.answered');
    const reason = reply.accepted ? '' : oneLine(`${reply.code}: ${reply.message}`);
    await this.apply(
      study,
      reply.accepted ? { kind: 'accepted', site, attempt } : { kind: 'declined', site, attempt, reason },
    );
  }

  async #askEvaluation(study: string, site: string): Promise<void> {
    const round = this.round(study);
    const release =
      round === null ? null : await this.#options.database.stores.studies.findRelease(study, round.number);
    if (round?.state !== 'evaluating' || release === null) return;
    const message: EvaluationInvitation = {
      study,
      round: round.number,
      release: release.number,
      digest: release.header.digest,
    };
    failpoint('coordinator.evaluate.asking');
    const reply = await this.#link?.askEvaluation(site, message);
    failpoint('coordinator.evaluate.answered');
    if (reply?.accepted === false) {
      const reason = oneLine(`${reply.code}: ${reply.message}`);
      await this.apply(study, { kind: 'evaluation-out', site, reason });
    }
  }

  async #aggregate(study: string): Promise<void> {
    // An effect may be asked for twice, after a restart for example; one sum at a time is enough.
    if (this.#aggregating.has(study)) return;
    this.#aggregating.add(study);
    let step: RoundStep;
    try {
      await this.#writeProgress();
      step = await aggregationStep(this.#options, study);
    } finally {
      this.#aggregating.delete(study);
    }
    await this.apply(study, step.event, step.within);
  }

  async #publish(study: string): Promise<void> {
    const step = await publishStep(this.#options, study);
    if (step !== null) await this.apply(study, step.event, step.within);
  }

  async #writeProgress(): Promise<void> {
    const { database, live } = this.#options;
    for (const study of this.#studies.keys()) {
      for (const { site, live: progress } of live.takeUnwritten(study)) {
        const { round, step, steps, losses, curve, filmsPerSecond } = progress;
        await database.stores.rounds.putProgress(study, round, site, {
          step,
          steps,
          losses,
          curve,
          filmsPerSecond,
        });
      }
    }
  }
}
