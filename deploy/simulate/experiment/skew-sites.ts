import type { Supervision } from '@fedoxnet/site-agent/data/film';
import { SCANNERS, type Scanner } from '@fedoxnet/site-agent/phantoms/scanner';
import { Random } from '@fedoxnet/site-agent/random';
import type { PhantomSiteSpec, Skew } from './experiment.js';

/** A hospital of phantoms with everything decided. */
export interface PhantomSite {
  readonly name: string;
  readonly train: number;
  readonly heldOut: number;
  readonly scanner: Scanner;
  /** By class of the plan. */
  readonly supervision: Readonly<Record<string, Supervision>>;
  /** How often each finding occurs on training films, relative to the others; null where all are alike. */
  readonly prevalence: Readonly<Record<string, number>> | null;
}

/** Hospitals as the file describes them, one by one, skewed as asked. */
export function skewSites(
  specs: readonly PhantomSiteSpec[],
  classes: readonly string[],
  skew: Skew,
  seed: number,
): PhantomSite[] {
  const sites = specs.flatMap((spec) => namesOf(spec).map((name) => ({ name, spec })));
  const scanners = shiftScanners(
    sites.map(({ spec }) => scannerOf(spec)),
    skew.scanners ?? 1,
  );
  const sizes = skewSizes(
    sites.map(({ spec }) => boxedFilms(spec, classes, skew.boxes ?? 1)),
    skew.sizes ?? null,
  );
  return sites.map(({ name, spec }, index) => ({
    name,
    train: sizes[index]!,
    heldOut: spec.films.heldOut,
    scanner: scanners[index]!,
    supervision: supervisionOf(spec, classes),
    prevalence:
      skew.labels === undefined ? null : prevalences(classes, skew.labels, Random.of('skew', seed, name)),
  }));
}

export function namesOf({ name, count }: Pick<PhantomSiteSpec, 'name' | 'count'>): string[] {
  return count === undefined ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

export function supervisionOf(
  { supervision }: Pick<PhantomSiteSpec, 'supervision'>,
  classes: readonly string[],
): Record<string, Supervision> {
  if (typeof supervision === 'string') return Object.fromEntries(classes.map((name) => [name, supervision]));
  const { others = 'none' } = supervision;
  return Object.fromEntries(classes.map((name) => [name, supervision[name] ?? others]));
}

/** Whether a hospital with this supervision by class draws boxes of some class. */
export function drawsBoxes(supervision: Readonly<Record<string, Supervision>>): boolean {
  return Object.values(supervision).includes('box');
}

function boxedFilms(spec: PhantomSiteSpec, classes: readonly string[], share: number): number {
  const { train } = spec.films;
  return drawsBoxes(supervisionOf(spec, classes))
    ? Math.max(Math.min(1, train), Math.round(share * train))
    : train;
}

function scannerOf({ scanner = 'digital' }: PhantomSiteSpec): Scanner {
  return typeof scanner === 'string' ? SCANNERS[scanner] : scanner;
}

/**
 * A share of each class at one hospital, from a Dirichlet distribution with all parameters α (Hsu, Qi and Brown 2019,
 * arXiv:1909.06335): K gamma variables divided by their sum.
 */
export function prevalences(
  classes: readonly string[],
  alpha: number,
  random: Random,
): Record<string, number> {
  const gammas = classes.map(() => gamma(alpha, random));
  const sum = gammas.reduce((total, value) => total + value, 0);
  return Object.fromEntries(
    classes.map((name, index) => [name, sum > 0 ? gammas[index]! / sum : 1 / classes.length]),
  );
}

/** A gamma variable of shape α and scale 1, by Marsaglia and Tsang 2000; below 1 through α + 1 and a power. */
function gamma(alpha: number, random: Random): number {
  if (alpha < 1) return gamma(alpha + 1, random) * (1 - random.uniform()) ** (1 / alpha);
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal(0, 1);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/**
 * The same films in all, divided geometrically so that the first hospital has `ratio` for one of the last. A hospital
 * that has films keeps at least one; one that has none is passed over.
 */
export function skewSizes(films: readonly number[], ratio: number | null): number[] {
  const holders = [...films.keys()].filter((index) => films[index]! > 0);
  if (ratio === null || holders.length < 2) return [...films];
  const total = films.reduce((sum, value) => sum + value, 0);
  const weights = holders.map((_, rank) => ratio ** (-rank / (holders.length - 1)));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const skewed = films.map(() => 0);
  for (const [rank, index] of holders.entries()) {
    skewed[index] = Math.max(1, Math.round((total * weights[rank]!) / sum));
  }
  return skewed;
}

const SETTINGS = ['exposure', 'contrast', 'gamma', 'noise', 'blur', 'vignetting', 'border'] as const;

/** Moves every setting of every scanner to mean + shift · (setting − mean), and no noise, blur or border below 0. */
export function shiftScanners(scanners: readonly Scanner[], shift: number): Scanner[] {
  if (shift === 1) return [...scanners];
  const means = Object.fromEntries(
    SETTINGS.map((setting) => [
      setting,
      scanners.reduce((sum, scanner) => sum + scanner[setting], 0) / scanners.length,
    ]),
  );
  return scanners.map((scanner) => ({
    ...scanner,
    ...Object.fromEntries(
      SETTINGS.map((setting) => [
        setting,
        Math.max(LEAST[setting] ?? 0, means[setting]! + shift * (scanner[setting] - means[setting]!)),
      ]),
    ),
  }));
}

/** A scanner shows nothing at 0 of these. */
const LEAST: Partial<Record<(typeof SETTINGS)[number], number>> = {
  exposure: 0.2,
  contrast: 0.2,
  gamma: 0.2,
};
