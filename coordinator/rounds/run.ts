import type { ROUND_STATES, SITE_ROUND_STATES, STUDY_STATES } from '@fedoxnet/shared/protocol/status';

/** Everything the rules of a study's rounds look at. Plain data; times are milliseconds since 1970. */
export type StudyState = (typeof STUDY_STATES)[number];
export type RoundState = (typeof ROUND_STATES)[number];
export type SiteState = (typeof SITE_ROUND_STATES)[number];
/** `asked`: the site scores the release; `out`: it declined, failed or stayed away. */
export type EvaluationState = 'none' | 'asked' | 'done' | 'out';

export interface SiteRun {
  readonly state: SiteState;
  /** Why the site is not counted. */
  readonly reason: string | null;
  readonly evaluation: EvaluationState;
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

export interface StudyRun {
  readonly study: string;
  readonly state: StudyState;
  readonly reason: string | null;
  readonly rounds: number;
  readonly quorum: number;
  readonly deadlineMs: number;
  /** How long a site that is away keeps its place in the round. */
  readonly leaseMs: number;
  /** By site of the plan: null when it is connected and has approved the plan, else since when it is away. */
  readonly awaySince: Readonly<Record<string, number | null>>;
  /** The latest round. */
  readonly round: RoundRun | null;
}

/** Something happened. Names of sites are of the plan; `attempt` tells a late message from a current one. */
export type RunEvent =
  | { readonly kind: 'started' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'cancelled' }
  /** The coordinator started again and has read the state from the database. */
  | { readonly kind: 'recovered' }
  | { readonly kind: 'arrived'; readonly site: string }
  | { readonly kind: 'left'; readonly site: string }
  | { readonly kind: 'accepted'; readonly site: string; readonly attempt: number }
  | { readonly kind: 'declined'; readonly site: string; readonly attempt: number; readonly reason: string }
  | {
      readonly kind: 'progressed';
      readonly site: string;
      readonly attempt: number;
      readonly state: 'training' | 'uploading';
    }
  | { readonly kind: 'failed'; readonly site: string; readonly attempt: number; readonly reason: string }
  | { readonly kind: 'uploaded'; readonly site: string; readonly attempt: number }
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

/** What the engine has to do after a transition was stored. Doing one twice is harmless. */
export type RunEffect =
  | { readonly kind: 'invite'; readonly site: string }
  | { readonly kind: 'aggregate' }
  | { readonly kind: 'tell-closed'; readonly counted: readonly string[] }
  | { readonly kind: 'ask-evaluation'; readonly site: string }
  | { readonly kind: 'publish' }
  | { readonly kind: 'next-round' }
  | { readonly kind: 'tell-ended'; readonly state: 'finished' | 'cancelled' };

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
