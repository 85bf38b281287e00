import type { StateWord } from '@fedoxnet/shared/page/state-word';
import type { Census } from '@fedoxnet/shared/study/census';
import type { Progress } from '../agent/live-events.js';
import type { ClassReading, FilmRecord, LesionBox, Supervision } from '../data/film.js';
import type { Finding } from '../data/quarantine/findings.js';
import type { DayRecord } from '../ledger/day-record.js';

/** What the console's server tells its own page, of the same version and from the same machine. */

export interface SiteReply {
  /** Null for a home without an enrolled site. */
  readonly site: string | null;
  readonly coordinator: string | null;
  /** Whether this process runs the agent. */
  readonly agent: boolean;
  readonly source: string;
  readonly classes: readonly { readonly name: string; readonly colour: string }[];
}

export interface FilmFilter {
  readonly split?: FilmRecord['split'] | undefined;
  readonly class?: string | undefined;
  /** Of the class, or the strongest of any. */
  readonly supervision?: Supervision | undefined;
  readonly finding?: 'present' | 'absent' | undefined;
  /** Of the model, for the class or any; films that it was not asked about do not fit. */
  readonly minScore?: number | undefined;
  /** Part of the id. */
  readonly text?: string | undefined;
}

export interface FilmLine {
  readonly id: string;
  readonly split: FilmRecord['split'];
  readonly supervision: Supervision;
  /** Classes that the reading calls present. */
  readonly present: readonly string[];
  readonly boxes: number;
  /** Highest score of the model; null where it was not asked. */
  readonly best: number | null;
}

export interface FilmsReply {
  /** Films of the catalogue, and those that fit. */
  readonly all: number;
  readonly fitting: number;
  /** A page of those that fit. */
  readonly films: readonly FilmLine[];
}

export interface FilmReply extends Pick<
  FilmRecord,
  'id' | 'width' | 'height' | 'split' | 'view' | 'sex' | 'ageBand' | 'day'
> {
  readonly boxes: readonly LesionBox[];
  readonly readings: Readonly<Record<string, ClassReading>>;
}

export interface ScoredBox extends LesionBox {
  readonly score: number;
}

/** What one of the networks sees on a film, or why it says nothing. */
export type Seen =
  | { readonly boxes: readonly ScoredBox[]; readonly who: string }
  | { readonly boxes: null; readonly why: string };

export interface SeenReply {
  readonly model: Seen;
  readonly teacher: Seen;
}

export interface QuarantineReply {
  readonly films: readonly {
    readonly id: string;
    readonly findings: readonly Finding[];
    readonly advice: readonly string[];
    /** It has a picture and can be released. */
    readonly releasable: boolean;
    readonly twin: string | null;
  }[];
}

export interface CensusReply {
  /** Every count, which stays here. */
  readonly whole: Census;
  readonly shared: boolean;
  /** What leaves for each approved study, and when it did last. */
  readonly studies: readonly {
    readonly study: string;
    readonly census: Census | null;
    readonly lastSentAt: string | null;
  }[];
}

export interface PlanLine {
  readonly name: string;
  readonly text: string;
}

export interface PlanReview {
  readonly study: string;
  readonly hash: string;
  readonly state: 'waiting' | 'approved' | 'refused' | 'ended';
  /** ISO 8601, of the decision. */
  readonly at: string | null;
  /** In plain words; null when the coordinator could not be asked for it. */
  readonly words: readonly PlanLine[] | null;
  readonly plan: unknown;
}

export interface PlansReply {
  readonly plans: readonly PlanReview[];
  /** Why the coordinator could not be asked; null when it answered. */
  readonly offline: string | null;
}

export interface LedgerReply extends DayRecord {
  readonly days: readonly string[];
  readonly today: string;
}

export interface RoundLine {
  readonly study: string;
  readonly round: number;
  readonly attempt: number;
  readonly state: StateWord;
  readonly note: string | null;
  readonly steps: number;
  readonly seconds: number | null;
  readonly losses: Readonly<Record<string, number>>;
  readonly bytes: number | null;
  readonly digest: string | null;
}

export interface CurvePoint {
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly filmsPerSecond: number;
}

/** Null from a console that no agent runs beside. */
export interface TrainingReply {
  readonly connected: boolean;
  readonly backend: string | null;
  readonly films: Readonly<Record<'train' | 'val' | 'box' | 'image' | 'none', number>> | null;
  readonly progress: Progress | null;
  /** Of the round in training or the last one. */
  readonly curve: readonly CurvePoint[];
  /** Latest first. */
  readonly rounds: readonly RoundLine[];
  readonly events: readonly { readonly at: string; readonly text: string }[];
}
