import type { ClassScores, CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import type { RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';

/**
 * A study in its fourth round of six: three rounds released, one of them without a site, and a fourth in training.
 * Its numbers are made here, so that a test knows what the page must show.
 */
export const SITES = ['north', 'south', 'west', 'east'] as const;
export const CLASSES = ['Nodule', 'Cardiomegaly', 'Effusion', 'Pneumothorax', 'Lung Opacity'];
export const PLAN_HASH = 'c0ffee123456'.padEnd(64, '0');

const FILMS = {
  north: { train: 1240, val: 310, box: 1240, image: 0, none: 0 },
  south: { train: 860, val: 215, box: 860, image: 0, none: 0 },
  west: { train: 5210, val: 0, box: 0, image: 5210, none: 0 },
  east: { train: 8800, val: 0, box: 0, image: 0, none: 8800 },
} as const;
const TERMS = {
  north: ['focal', 'regression', 'intra', 'inter', 'soft', 'softRegression'],
  south: ['focal', 'regression', 'intra', 'inter', 'soft', 'softRegression'],
  west: ['image', 'intra', 'inter', 'soft', 'softRegression'],
  east: ['intra', 'inter', 'soft', 'softRegression'],
} as const;
const START: Record<string, number> = {
  focal: 1.1,
  regression: 0.62,
  image: 0.69,
  intra: 0.21,
  inter: 0.34,
  soft: 0.12,
  softRegression: 0.18,
};
const STEPS = 120;

type Site = (typeof SITES)[number];

/** Falls as an optimiser's loss does; the ripple is fixed, not random. */
function lossesAt(site: Site, round: number, step: number): Record<string, number> {
  const done = round - 1 + step / STEPS;
  return Object.fromEntries(
    TERMS[site].map((term, index): [string, number] => {
      const start = START[term] ?? 1;
      const ripple = 0.04 * Math.sin(step * 0.9 + index * 2 + SITES.indexOf(site)) * Math.exp(-done / 4);
      const pace = 1.1 + 0.45 * SITES.indexOf(site);
      return [term, start * (0.2 + 0.04 * index + 0.75 * Math.exp(-done / pace) + ripple)];
    }),
  );
}

function siteRound(site: Site, round: number, step: number, state: SiteRound['state']): SiteRound {
  const curve = [];
  for (let at = 4; at <= step; at += 4) curve.push({ step: at, losses: lossesAt(site, round, at) });
  return {
    site,
    state,
    reason: null,
    stages: { invited: '2025-03-01T00:00:00.000Z' },
    carriedFrom: null,
    filmShare: null,
    step,
    steps: STEPS,
    losses: step === 0 ? {} : lossesAt(site, round, step),
    curve,
    pseudo: null,
    filmsPerSecond: 7.5 + SITES.indexOf(site),
    masses: null,
    uploadBytes: state === 'counted' ? 2_130_000 + 10_000 * SITES.indexOf(site) : 0,
  };
}

/** AP40 0.31, 0.46, 0.538 over the rounds; Nodule is never measurable in this study. */
const AP40 = [
  [null, 0.52, 0.3, 0.22, 0.2],
  [null, 0.66, 0.48, 0.37, 0.33],
  [null, 0.74, 0.55, 0.46, 0.402],
] as const;

function releasedRound(round: number): RoundStatus {
  const scores = AP40[round - 1] ?? [];
  const perClass = CLASSES.map((name, index) => {
    const ap40 = scores[index] ?? null;
    const of = (factor: number) => (ap40 === null ? null : ap40 * factor);
    return {
      class: name,
      films: 525,
      truths: ap40 === null ? 0 : 140,
      ap: of(0.7),
      ap40,
      ap50: of(0.9),
      ap75: of(0.4),
    };
  });
  const known = perClass.flatMap(({ ap40 }) => (ap40 === null ? [] : [ap40]));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const sites = SITES.map((site) => siteRound(site, round, STEPS, 'counted'));
  if (round === 2) {
    sites[3] = {
      ...siteRound('east', round, 52, 'missing'),
      reason: 'No update arrived before the deadline.',
    };
  }
  return {
    round,
    attempt: 1,
    state: 'published',
    startedAt: `2025-03-01T0${round}:00:00.000Z`,
    endedAt: `2025-03-01T0${round}:06:00.000Z`,
    seconds: { train: 182.5 + round, aggregate: 1.26, evaluate: 21.3 },
    sites,
    metrics: { mean: { ap: mean * 0.7, ap40: mean, ap50: mean * 0.9, ap75: mean * 0.4 }, perClass },
    release: { number: round, digest: `${round}ad5e1f0c3b7`.padEnd(64, 'e'), bytes: 4_310_000 },
  };
}

/** Of release 3: what north and south measure; west and east hold out no films, and south withholds a rare class. */
function crossSite(): CrossSite {
  const scores = (index: number, truths: number, films: number, factor: number): ClassScores => {
    const ap40 = truths === 0 ? null : (AP40[2][index] ?? 0) * factor;
    const of = (share: number) => (ap40 === null ? null : ap40 * share);
    const auc = truths === 0 ? null : 0.62 + 0.07 * index * factor;
    return {
      class: CLASSES[index] ?? '',
      films,
      truths,
      ...{ ap: of(0.7), ap40, ap50: of(0.9), ap75: of(0.4), froc: of(1.1) },
      sensitivities: ap40 === null ? null : [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7].map((rate) => rate * ap40),
      ...{ positives: truths, negatives: films - truths, globalAuc: auc, localAuc: auc },
    };
  };
  const withheld = (index: number): ClassScores => ({
    ...scores(index, 0, 0, 1),
    ...{ films: null, truths: null, positives: null, negatives: null },
  });
  const north = CLASSES.map((_, index) => scores(index, index === 0 ? 0 : 110, 310, 1.2));
  const south = CLASSES.map((_, index) => (index === 4 ? withheld(4) : scores(index, index * 30, 215, 0.8)));
  const none = CLASSES.map((_, index) => scores(index, 0, 0, 1));
  return {
    round: 3,
    suppressBelow: 5,
    sites: [
      { site: 'north', classes: north },
      { site: 'south', classes: south },
      { site: 'west', classes: none },
      { site: 'east', classes: null },
    ],
    pooled: CLASSES.map((_, index) => scores(index, index === 0 ? 0 : 110 + 30 * (index % 4), 525, 1)),
  };
}

export function studyStatus(): StudyStatus {
  const steps = { north: 64, south: 60, west: 88, east: 0 };
  const current: RoundStatus = {
    round: 4,
    attempt: 1,
    state: 'training',
    startedAt: '2025-03-01T04:00:00.000Z',
    endedAt: null,
    seconds: { train: 97 },
    sites: SITES.map((site) => siteRound(site, 4, steps[site], steps[site] === 0 ? 'accepted' : 'training')),
    metrics: null,
    release: null,
  };
  return {
    study: 'chest-1',
    title: 'Chest lesions, four hospitals',
    state: 'running',
    reason: null,
    planHash: PLAN_HASH,
    classes: CLASSES,
    rounds: 6,
    sites: SITES.map((site, index) => ({
      site,
      connected: true,
      approved: true,
      description: { agent: '0.1.0', backend: 'native CPU', films: FILMS[site] },
      bytesSent: 6_420_000 + 1000 * index,
      bytesReceived: 17_300_000,
    })),
    notices: [],
    crossSite: crossSite(),
    history: [releasedRound(1), releasedRound(2), releasedRound(3), current],
  };
}
