import type { ClassScores, CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import type { PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import type { RoundProgress } from '@fedoxnet/shared/protocol/socket-messages';
import type { Notice, RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import {
  fields,
  isFlag,
  isNumber,
  isText,
  keyOf,
  listOf,
  orAbsent,
  orNull,
  valuesOf,
  type Guard,
} from './guard.js';
import { ROUND_WORDS, SITE_ROUND_WORDS, STUDY_WORDS } from './state-words.js';

type SiteStatus = StudyStatus['sites'][number];
type Description = NonNullable<SiteStatus['description']>;
type Metrics = NonNullable<RoundStatus['metrics']>;

const ap = orNull(isNumber);
const losses = valuesOf(isNumber);

const isPseudoCount = fields<PseudoCount>({ kept: isNumber, dropped: isNumber });

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
  pseudo: orNull(isPseudoCount),
  masses: orNull(
    fields<NonNullable<SiteRound['masses']>>({
      films: isNumber,
      positives: isNumber,
      classRows: listOf(isNumber),
      globalRows: listOf(isNumber),
      prototypeRows: listOf(isNumber),
      prototypeFilms: orAbsent(listOf(isNumber)),
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

const score = orNull(isNumber);

const isClassScores = fields<ClassScores>({
  class: isText,
  films: score,
  truths: score,
  ap: score,
  ap40: score,
  ap50: score,
  ap75: score,
  froc: score,
  sensitivities: orNull(listOf(isNumber)),
  positives: score,
  negatives: score,
  globalAuc: score,
  localAuc: score,
});

const isCrossSite = fields<CrossSite>({
  round: isNumber,
  suppressBelow: isNumber,
  sites: listOf(fields<CrossSite['sites'][number]>({ site: isText, classes: orNull(listOf(isClassScores)) })),
  pooled: listOf(isClassScores),
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
  crossSite: orNull(isCrossSite),
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
  pseudo: orAbsent(isPseudoCount),
  bytesSent: isNumber,
  bytesReceived: isNumber,
});
