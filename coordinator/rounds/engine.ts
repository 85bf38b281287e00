import type { Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { RoundFailure, RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import type { SumPlace } from '../aggregation/sum-windows.js';
import type { Actor } from '../people/roles.js';
import type { Database } from '../storage/database.js';
import type { UploadRow } from '../storage/round-tables.js';
import type { StudyRow } from '../storage/study-tables.js';
import { approvedSites, holdsApproval } from './approved-sites.js';
import { Insistence } from './insistence.js';
import { keepProgress, restoreProgress } from './kept-progress.js';
import type { LiveProgress } from './live-progress.js';
import { oneLine } from './one-line.js';
import type { Pace } from './pace.js';
import { RoundEffects } from './round-effects.js';
import { AUDITED_AS, requireFits, type Order } from './order.js';
import { isAssigned, isOf, takesUpdate, type Assignment, type RoundRun, type RunEvent } from './run.js';
import type { SiteLink } from './site-link.js';
import { storedDelivery } from './stored-delivery.js';
import { StudyActor, type Within } from './study-actor.js';
import { nextWake } from './waiting.js';

export interface EngineOptions extends SumPlace {
  readonly database: Database;
  readonly keys: SiteKeys;
  readonly live: LiveProgress;
  readonly log: Logger;
  readonly leaseMs: number;
  /** Of a clock that does not jump (clock.ts). */
  readonly now: () => number;
  /** Called after anything a person could see has changed. */
  readonly onChange: (study: string) => void;
}

interface StudyEntry {
  readonly actor: StudyActor;
  readonly planHash: string;
  readonly sites: ReadonlySet<string>;
  readonly approved: Set<string>;
  timer: NodeJS.Timeout | null;
}

/** setTimeout counts in 32 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const FLUSH_MS = 5_000;

/** Runs the rounds of all studies: turns what happens into events, has the rules' answers stored, and what they ask for done. */
export class RoundEngine {
  readonly #options: EngineOptions;
  readonly #studies = new Map<string, StudyEntry>();
  readonly #insistence: Insistence;
  #effects: RoundEffects | null = null;
  #link: SiteLink | null = null;
  #flush: NodeJS.Timeout | null = null;
  #approvals: Promise<void> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#insistence = new Insistence(options.log);
  }

  /** Reads every study and goes on where the last process stopped. */
  async start(link: SiteLink): Promise<void> {
    this.#link = link;
    this.#effects = new RoundEffects({
      ...this.#options,
      link,
      insistence: this.#insistence,
      round: (study) => this.round(study),
      approved: (study) => this.#entry(study).approved,
      apply: (study, event, within) => this.apply(study, event, within),
      writeProgress: () => this.#writeProgress(),
    });
    for (const study of await this.#options.database.stores.studies.all()) await this.addStudy(study);
    this.#flush = setInterval(() => void this.#insistence.insist(() => this.#writeProgress()), FLUSH_MS);
    this.#flush.unref();
  }

  async close(): Promise<void> {
    if (this.#flush !== null) clearInterval(this.#flush);
    for (const { timer } of this.#studies.values()) if (timer !== null) clearTimeout(timer);
    await this.#insistence.close();
    for (const { actor } of this.#studies.values()) await actor.idle();
    await this.#writeProgress().catch((error: unknown) =>
      this.#options.log.warn({ err: error }, 'the last progress of sites was not stored'),
    );
  }

  async addStudy(row: StudyRow): Promise<void> {
    const { name, plan, planHash } = row;
    const { database, live, leaseMs, now } = this.#options;
    const approved = await approvedSites(database.stores, row);
    const actor = new StudyActor({
      study: name,
      database,
      leaseMs,
      now,
      isApproved: (site) => approved.has(site),
      isConnected: (site) => this.#isConnected(site),
    });
    this.#studies.set(name, { actor, planHash, sites: new Set(plan.sites), approved, timer: null });
    await restoreProgress(database.stores.rounds, live, name);
    await this.apply(name, { kind: 'recovered' });
  }

  /** The latest round as the rules see it. */
  round(study: string): RoundRun | null {
    return this.#studies.get(study)?.actor.run?.round ?? null;
  }

  isApproved(study: string, site: string): boolean {
    return this.#studies.get(study)?.approved.has(site) ?? false;
  }

  /** True while an update of this work may be sent. */
  takes(study: string, site: string, work: Assignment): boolean {
    const round = this.round(study);
    return round !== null && takesUpdate(round, site, work);
  }

  /**
   * Stores the event's consequences, then starts what follows from them.
   * @throws what kept them from being stored; when that may have struck too late, what follows is found out by itself
   */
  async apply(study: string, event: RunEvent, within?: Within): Promise<void> {
    const entry = this.#entry(study);
    try {
      const effects = await entry.actor.apply(event, within);
      for (const effect of effects) {
        void this.#insistence.insist(async () => this.#effects?.perform(study, effect));
      }
    } catch (error) {
      const undone = error instanceof FederationError && !error.entry.retry;
      if (!undone && event.kind !== 'recovered' && !this.#insistence.closed) {
        void this.#insistence.insist(() => this.apply(study, { kind: 'recovered' }));
      }
      throw error;
    }
    this.#schedule(study, entry);
    this.#options.onChange(study);
  }

  siteConnected(site: string): Promise<void> {
    return this.#presenceChanged(site);
  }

  siteDisconnected(site: string): Promise<void> {
    return this.#presenceChanged(site);
  }

  /** @param films that the site trains on, as it has just described itself */
  async siteDescribed(site: string, films: number): Promise<void> {
    for (const [study, { sites }] of this.#studies) {
      if (sites.has(site)) await this.apply(study, { kind: 'described', site, films });
    }
  }

  /** The site approved the plan, or its approval does not hold any more, and that is stored. */
  approvalChanged(study: string, site: string): Promise<void> {
    const entry = this.#entry(study);
    const renew = (): Promise<void> => this.#insistence.insist(() => this.#renewApproval(study, entry, site));
    // In turn: whoever reads the database last is right.
    return (this.#approvals = this.#approvals.then(renew));
  }

  /** The site was revoked, or enrolled anew. */
  async membershipChanged(site: string): Promise<void> {
    for (const [study, { sites }] of this.#studies) {
      if (sites.has(site)) await this.approvalChanged(study, site);
    }
  }

  /** @throws {FederationError} `ROUND_CLOSED` when the message is of other work than the site's */
  async progress(site: string, message: RoundProgress): Promise<void> {
    const { study, phase } = message;
    const { now, live, onChange } = this.#options;
    const round = this.#roundOf(site, study, message);
    live.record(site, message, now());
    const state = phase === 'train' ? 'training' : phase === 'upload' ? 'uploading' : null;
    if (state !== null && round.sites[site]?.state !== state) {
      const { round: number, attempt } = message;
      await this.apply(study, { kind: 'progressed', site, round: number, attempt, state });
    } else {
      onChange(study);
    }
  }

  async failure(site: string, { study, round: number, attempt, code, message }: RoundFailure): Promise<void> {
    const work = { round: number, attempt };
    const round = this.#roundOf(site, study, work);
    const reason = oneLine(`${code}: ${message}`);
    this.#options.log.warn({ study, site, round: number, reason }, 'site failed');
    const scoring = round.state === 'evaluating' && isOf(round, work) && round.sites[site]?.state !== 'late';
    await this.apply(
      study,
      scoring ? { kind: 'evaluation-out', site, reason } : { kind: 'failed', site, ...work, reason },
    );
  }

  /**
   * Counts a verified upload, exactly once.
   * @throws {FederationError} `ROUND_CLOSED` when it came too late, `ROUND_NOT_OPEN` when the next round will take it
   */
  async deliver(upload: UploadRow): Promise<void> {
    const { study, site } = upload;
    const work = { round: upload.round, attempt: upload.attempt };
    const at = new Date(this.#options.now());
    const pace = this.#paceOf(upload);
    await this.apply(study, { kind: 'uploaded', site, ...work, pace }, storedDelivery(upload, pace, at));
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
  async order(study: string, kind: Order, by: Actor): Promise<void> {
    const { actor } = this.#entry(study);
    requireFits(kind, study, actor.run?.state ?? 'created');
    if (kind === 'started') {
      const model = await this.#options.database.stores.studies.findRelease(study, 0);
      if (model === null) throw new FederationError('MODEL_INVALID', `Study ${study} has no initial model.`);
      // The model came after the study was made: its size is part of what the rules look at.
      actor.doubt();
    }
    await this.apply(study, { kind }, (stores) =>
      stores.audit.append(new Date(this.#options.now()), AUDITED_AS[kind], { study, by: by.name }),
    );
  }

  #entry(study: string): StudyEntry {
    const entry = this.#studies.get(study);
    if (entry === undefined) throw new FederationError('NOT_FOUND', `There is no study ${study}.`);
    return entry;
  }

  async #renewApproval(study: string, { approved, planHash }: StudyEntry, site: string): Promise<void> {
    const { stores } = this.#options.database;
    const isApproved = await holdsApproval(stores, { name: study, planHash }, site);
    if (isApproved === approved.has(site)) return;
    if (isApproved) approved.add(site);
    else approved.delete(site);
    const kind = isApproved ? 'approved' : 'withdrawn';
    await this.#insistence.insist(() => this.apply(study, { kind, site }));
    if (isApproved) await this.#presenceChanged(site);
  }

  #isConnected(site: string): boolean {
    return this.#link?.isConnected(site) ?? false;
  }

  /** What is true now counts, not what was when the word came: the database may have been away in between. */
  async #presenceChanged(site: string): Promise<void> {
    for (const [study, { sites, approved }] of this.#studies) {
      if (!sites.has(site)) continue;
      this.#options.onChange(study);
      if (!approved.has(site)) continue;
      await this.#insistence.insist(() =>
        this.apply(study, { kind: this.#isConnected(site) ? 'arrived' : 'left', site }),
      );
    }
  }

  /** The round that a site's message belongs to. */
  #roundOf(site: string, study: string, work: Assignment): RoundRun {
    const { sites, actor } = this.#entry(study);
    if (!sites.has(site)) throw new FederationError('NOT_FOUND', `There is no study ${study}.`);
    const round = actor.run?.round ?? null;
    if (round === null || !(isAssigned(round, site, work) || isOf(round, work))) {
      throw new FederationError(
        'ROUND_CLOSED',
        `Study ${study} is not in attempt ${work.attempt} of round ${work.round}.`,
      );
    }
    return round;
  }

  /** How fast the site was, as far as it was seen: null after a restart in mid-round. */
  #paceOf({ study, site, round, attempt, header, createdAt }: UploadRow): Pace | null {
    const secondsPerStep = this.#options.live.secondsPerStep(study, site, { round, attempt });
    const sending = (Date.now() - createdAt.getTime()) / 1000;
    if (secondsPerStep === null || sending <= 0) return null;
    return { secondsPerStep, bytesPerSecond: header.bytes / sending };
  }

  #schedule(study: string, entry: StudyEntry): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    const { run } = entry.actor;
    const now = this.#options.now();
    const wake = run === null ? null : nextWake(run, now);
    if (wake === null || this.#insistence.closed) return;
    const wait = Math.min(Math.max(0, wake - now), LONGEST_TIMER_MS);
    entry.timer = setTimeout(
      () => void this.#insistence.insist(() => this.apply(study, { kind: 'ticked' })),
      wait,
    );
  }

  #writeProgress(): Promise<void> {
    const { database, live } = this.#options;
    return keepProgress(database.stores.rounds, live, this.#studies.keys());
  }
}
