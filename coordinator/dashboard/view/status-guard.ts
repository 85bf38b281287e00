import type { RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { Notice, RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { ROUND_WORDS, SITE_ROUND_WORDS, STUDY_WORDS } from './state-words.js';

/**
 * Guards of what the page receives. The schema library is not served to browsers; the field lists below are checked
 * against the protocol's types by the compiler, and fields that a newer coordinator adds are let through.
 */
export type Guard<T> = (value: unknown) => value is T;

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isNumber = (value: unknown): value is number => Number.isFinite(value);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields<T>(guards: { readonly [K in keyof T]-?: Guard<T[K]> }): Guard<T> {
  const entries = Object.entries(guards) as [string, Guard<unknown>][];
  return (value): value is T => isRecord(value) && entries.every(([key, guard]) => guard(value[key]));
}

function listOf<T>(guard: Guard<T>): Guard<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every((entry) => guard(entry));
}

function valuesOf<T>(guard: Guard<T>): Guard<Record<string, T>> {
  return (value): value is Record<string, T> => isRecord(value) && Object.values(value).every(guard);
}

function orNull<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

function keyOf<K extends string>(words: Record<K, unknown>): Guard<K> {
  return (value): value is K => isText(value) && Object.hasOwn(words, value);
}

type SiteStatus = StudyStatus['sites'][number];
type Description = NonNullable<SiteStatus['description']>;
type Metrics = NonNullable<RoundStatus['metrics']>;

const ap = orNull(isNumber);
const losses = valuesOf(isNumber);

const isSiteRound = fields<SiteRound>({
  site: isText,
  state: keyOf(SITE_ROUND_WORDS),
  reason: orNull(isText),
  stages: valuesOf(isText),
  carriedFrom: orNull(isNumber),
  filmShare: orNull(isNumber),
  step: isNumber,
  steps: isNumber,
  losses,
  curve: listOf(fields<SiteRound['curve'][number]>({ step: isNumber, losses })),
  filmsPerSecond: isNumber,
  masses: orNull(
    fields<NonNullable<SiteRound['masses']>>({
      films: isNumber,
      positives: isNumber,
      classRows: listOf(isNumber),
      globalRows: listOf(isNumber),
      prototypeRows: listOf(isNumber),
    }),
  ),
  uploadBytes: isNumber,
});

const isMetrics = fields<Metrics>({
  mean: fields<Metrics['mean']>({ ap, ap40: ap, ap50: ap, ap75: ap }),
  perClass: listOf(
    fields<Metrics['perClass'][number]>({
      class: isText,
      films: isNumber,
      truths: isNumber,
      ap,
      ap40: ap,
      ap50: ap,
      ap75: ap,
    }),
  ),
});

const isRound = fields<RoundStatus>({
  round: isNumber,
  attempt: isNumber,
  state: keyOf(ROUND_WORDS),
  startedAt: isText,
  endedAt: orNull(isText),
  seconds: valuesOf(isNumber),
  sites: listOf(isSiteRound),
  metrics: orNull(isMetrics),
  release: orNull(
    fields<NonNullable<RoundStatus['release']>>({ number: isNumber, digest: isText, bytes: isNumber }),
  ),
});

const isSite = fields<SiteStatus>({
  site: isText,
  connected: isFlag,
  approved: isFlag,
  description: orNull(
    fields<Description>({
      agent: isText,
      backend: isText,
      films: fields<Description['films']>({
        train: isNumber,
        val: isNumber,
        box: isNumber,
        image: isNumber,
        none: isNumber,
      }),
    }),
  ),
  bytesSent: isNumber,
  bytesReceived: isNumber,
});

export const isStudyStatus: Guard<StudyStatus> = fields<StudyStatus>({
  study: isText,
  title: isText,
  state: keyOf(STUDY_WORDS),
  reason: orNull(isText),
  planHash: isText,
  classes: listOf(isText),
  rounds: isNumber,
  sites: listOf(isSite),
  notices: listOf(fields<Notice>({ round: isNumber, site: isText, filmShare: isNumber, reason: isText })),
  history: listOf(isRound),
});

/** What the dashboard hears of a site between two status documents: its round's progress, and who it is. */
export type SiteProgress = RoundProgress & { readonly site: string };

export const isSiteProgress: Guard<SiteProgress> = fields<SiteProgress>({
  site: isText,
  study: isText,
  round: isNumber,
  attempt: isNumber,
  phase: keyOf({ download: 0, train: 0, upload: 0, evaluate: 0 }),
  step: isNumber,
  steps: isNumber,
  losses,
  filmsPerSecond: isNumber,
  bytesSent: isNumber,
  bytesReceived: isNumber,
});
