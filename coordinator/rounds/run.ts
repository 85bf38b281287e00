import type {
  PARTICIPATION_STAGES,
  ROUND_STATES,
  SITE_ROUND_STATES,
  STUDY_STATES,
} from '@fedoxnet/shared/protocol/status';
import type { StagePlan } from '@fedoxnet/shared/study/stage-plan';
import type { Pace } from './pace.js';

/** Everything the rules of a study's rounds look at. Plain data; times are milliseconds since 1970. */
export type StudyState = (typeof STUDY_STATES)[number];
export type RoundState = (typeof ROUND_STATES)[number];
export type SiteState = (typeof SITE_ROUND_STATES)[number];
/** How far a site came in a round. */
export type Stage = (typeof PARTICIPATION_STAGES)[number];
/** `asked`: the site scores the release; `out`: it declined, failed or stayed away. */
export type EvaluationState = 'none' | 'asked' | 'done' | 'out';

/** Which work an update is the result of. Its upload and all messages about it name both. */
export interface Assignment {
  readonly round: number;
  readonly attempt: number;
}

export interface SiteRun {
  readonly state: SiteState;
  /** Why the site is not counted. */
  readonly reason: string | null;
  readonly evaluation: EvaluationState;
  /** When it reached each stage; a site that begins anew goes through them anew. */
  readonly stages: Readonly<Partial<Record<Stage, number>>>;
  /** The others wait for it until then, or as long as the round is open when nothing is known of its pace. */
  readonly due: number | null;
  /** An earlier round's work that the site may bring into this one, because it was late. */
  readonly carried: Assignment | null;
  /** Of all films that the plan's sites train on, as they describe themselves; set when the collection ends. */
  readonly filmShare: number | null;
}

export interface RoundRun {
  /** 1-based. The round starts from release `number − 1` and ends in release `number`. */
  readonly number: number;
  /** Raised when a failed round is tried again; updates already delivered stay. */
  readonly attempt: number;
  readonly state: RoundState;
  /** Of the current phase; null where nobody is waited for. */
  readonly deadline: number | null;
  readonly startedAt: number;
  readonly phaseSince: number;
  readonly endedAt: number | null;
  /** By phase, of the phases that have ended. */
  readonly seconds: Readonly<Record<string, number>>;
  /** One entry per site of the plan. */
  readonly sites: Readonly<Record<string, SiteRun>>;
}

/** What the rules know of a site beyond its part in the round. */
export interface SiteStanding {
  /**
   * Null while it is connected and has approved the plan, else since when it is away. A site that never approved is
   * no part of the study yet, and one that was revoked no more: nobody waits for it.
   */
  readonly awaySince: number | null | 'unapproved';
  /** As last measured in this study. */
  readonly pace: Pace | null;
  /** Films it trains on, as it describes itself; null before it did. */
  readonly films: number | null;
}

export interface StudyRun {
  readonly study: string;
  readonly state: StudyState;
  readonly reason: string | null;
  readonly rounds: number;
  readonly quorum: number;
  /** The longest that a phase may take. */
  readonly deadlineMs: number;
  /** How long a site that is away, or does not answer, keeps its place in the round. */
  readonly leaseMs: number;
  /** What becomes of an update that comes after its round: it is lost, or counted in the next round. */
  readonly stragglers: 'drop' | 'carry';
  /** Which films teach in which rounds, and how many updates that can bring; all in all rounds when left out. */
  readonly stages?: readonly StagePlan[] | undefined;
  /** Optimiser steps of one site in a round, and bytes of the model. */
  readonly steps: number;
  readonly bytes: number;
  /** By site of the plan. */
  readonly standing: Readonly<Record<string, SiteStanding>>;
  /** The latest round. */
  readonly round: RoundRun | null;
}

/** A word of a site about its work. */
interface OfWork extends Assignment {
  readonly site: string;
}

/** Something happened. Names of sites are of the plan; round and attempt tell a late message from a current one. */
export type RunEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'cancelled' }
  /** The coordinator started again, or was cut off from its database: it has read the state, and asks what is to be done. */
  | { readonly kind: 'recovered' }
  | { readonly kind: 'approved'; readonly site: string }
  /** The operator revoked the site, or it enrolled with keys that approved nothing. */
  | { readonly kind: 'withdrawn'; readonly site: string }
  | { readonly kind: 'described'; readonly site: string; readonly films: number }
  | { readonly kind: 'arrived'; readonly site: string }
  | { readonly kind: 'left'; readonly site: string }
  | ({ readonly kind: 'accepted' } & OfWork)
  | ({ readonly kind: 'declined'; readonly reason: string } & OfWork)
  /** It would not begin now, and is asked again. */
  | ({ readonly kind: 'postponed'; readonly reason: string } & OfWork)
  /** None of its films teach in the plan's present stage. */
  | ({ readonly kind: 'waits'; readonly reason: string } & OfWork)
  | ({ readonly kind: 'progressed'; readonly state: 'training' | 'uploading' } & OfWork)
  | ({ readonly kind: 'failed'; readonly reason: string } & OfWork)
  | ({ readonly kind: 'uploaded'; readonly pace?: Pace | null } & OfWork)
  | { readonly kind: 'aggregated' }
  /** One upload turned out to be unusable during aggregation. */
  | { readonly kind: 'refused'; readonly site: string; readonly reason: string }
  | { readonly kind: 'aggregation-failed'; readonly reason: string }
  | { readonly kind: 'evaluated'; readonly site: string }
  | { readonly kind: 'evaluation-out'; readonly site: string; readonly reason: string }
  | { readonly kind: 'published' }
  /** The published round is stored: begin the next one. */
  | { readonly kind: 'next-round' }
  /** Time has passed; see `nextWake`. */
  | { readonly kind: 'ticked' };

/** What the engine has to do after a transition was stored. Doing one twice is harmless; after a crash `recovered` asks again. */
export type RunEffect =
  | { readonly kind: 'invite'; readonly site: string }
  | { readonly kind: 'aggregate' }
  /** `carried`: late sites that may go on and be counted in the next round. `to`: one site, or all when null. */
  | {
      readonly kind: 'tell-closed';
      readonly to: string | null;
      readonly counted: readonly string[];
      readonly carried: readonly string[];
    }
  | { readonly kind: 'ask-evaluation'; readonly site: string }
  | { readonly kind: 'publish' }
  | { readonly kind: 'next-round' }
  | { readonly kind: 'tell-ended'; readonly state: 'finished' | 'cancelled' }
  /** A site with many films fell silent. Goes into the audit log with the step itself. */
  | { readonly kind: 'alarm'; readonly site: string; readonly filmShare: number; readonly reason: string };

/** A step changes one round only: the one that was the latest, or a new one after it has ended. */
export interface Transition {
  readonly run: StudyRun;
  readonly effects: readonly RunEffect[];
}

const WORKING: ReadonlySet<SiteState> = new Set(['invited', 'accepted', 'training', 'uploading']);

/** True while the site may still deliver: it was invited and has neither delivered nor given up. */
export function isWorking(site: SiteRun): boolean {
  return WORKING.has(site.state);
}

/** True while the site may still take part: it is at work, was given up because nothing was heard of it, or said "not now". */
export function mayStillAccept(site: SiteRun): boolean {
  return isWorking(site) || site.state === 'missing' || site.state === 'postponed';
}

/** True while updates are collected. */
export function isCollecting(
  round: RoundRun | null,
): round is RoundRun & { readonly state: 'inviting' | 'training' } {
  return round !== null && (round.state === 'inviting' || round.state === 'training');
}

export function sitesIn(round: RoundRun, state: SiteState): string[] {
  return Object.keys(round.sites)
    .filter((site) => round.sites[site]?.state === state)
    .sort();
}

/** The work that a site is to deliver into the round: the round's own, unless it brings an earlier one's. */
export function assignmentOf(round: RoundRun, site: string): Assignment {
  return round.sites[site]?.carried ?? { round: round.number, attempt: round.attempt };
}

export function isAssigned(round: RoundRun, site: string, work: Assignment): boolean {
  const assigned = assignmentOf(round, site);
  return assigned.round === work.round && assigned.attempt === work.attempt;
}

/** True for work of the round's own, not of an earlier one that is brought into it. */
export function isOf({ number, attempt }: RoundRun, work: Assignment): boolean {
  return work.round === number && work.attempt === attempt;
}

/** True while an update of this work may be sent: for the open round, or by a late site for the next one; one is enough. */
export function takesUpdate(round: RoundRun, site: string, work: Assignment): boolean {
  const state = round.sites[site]?.state;
  if (!isAssigned(round, site, work)) return false;
  return state === 'late' || (isCollecting(round) && state !== 'uploaded');
}

export function isHere(run: StudyRun, site: string): boolean {
  return run.standing[site]?.awaySince === null;
}

/** True for a site that is no part of the study: it has not approved the plan, or what it approved counts no more. */
export function isWithdrawn(run: StudyRun, site: string): boolean {
  return run.standing[site]?.awaySince === 'unapproved';
}

export function withSite(round: RoundRun, site: string, change: Partial<SiteRun>): RoundRun {
  const before = round.sites[site];
  return before === undefined
    ? round
    : { ...round, sites: { ...round.sites, [site]: { ...before, ...change } } };
}

export function mapSites(round: RoundRun, change: (site: SiteRun, name: string) => SiteRun): RoundRun {
  const sites = Object.entries(round.sites).map(([name, site]) => [name, change(site, name)] as const);
  return { ...round, sites: Object.fromEntries(sites) };
}
