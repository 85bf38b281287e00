import type { RoundMetrics, RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { PeakMemory } from './peak-memory.js';
import type { DemoOptions } from './options.js';

interface Precision {
  readonly mean: number | null;
  /** By class name; null where no held-out film has a true box of the class. */
  readonly perClass: Readonly<Record<string, number | null>>;
}

/** Average precision at IoU .40, .50, .75 and its mean over .40:.05:.75. */
export interface Score {
  readonly ap40: Precision;
  readonly ap50: Precision;
  readonly ap75: Precision;
  readonly ap: Precision;
}

export interface SiteSummary {
  readonly name: string;
  readonly films: { readonly train: number; readonly val: number };
  /** What the site knows, in words. */
  readonly supervision: string;
  readonly backend: string | null;
}

/** A hospital trained alone, scored on the same held-out films as the federation. */
export interface AloneResult {
  readonly site: string;
  readonly steps: number;
  readonly score: Score;
  readonly modelPath: string;
}

/** `summary.json`: what a run of the demo did, for scripts. Numbers are seconds, bytes, MB and fractions of 1. */
export interface DemoSummary {
  readonly version: 1;
  readonly backend: string;
  readonly options: DemoOptions;
  readonly study: string;
  readonly planHash: string;
  readonly classes: readonly string[];
  readonly sites: readonly SiteSummary[];
  readonly rounds: readonly RoundSummary[];
  /** The released model on all held-out films at once, with exact scores instead of histograms. */
  readonly final: { readonly films: number; readonly score: Score };
  readonly releasePath: string;
  readonly wallSeconds: number;
  /** Where those seconds went. */
  readonly seconds: Readonly<Record<string, number>>;
  /** By process: "coordinator", "site-a" (the agent) and "site-a trainer". */
  readonly peakRssMb: Readonly<Record<string, number>>;
  readonly compare: readonly AloneResult[] | null;
}

export interface RoundSummary extends Partial<Score> {
  readonly round: number;
  readonly seconds: Readonly<Record<string, number>>;
  /** Of all sites together: up to the coordinator, down from it. */
  readonly bytes: { readonly up: number; readonly down: number };
  readonly counted: readonly string[];
}

/** The published rounds of a study, each with the bytes that crossed the wire in it. */
export function summariseRounds(status: StudyStatus, bytesDown: ReadonlyMap<number, number>): RoundSummary[] {
  return publishedRounds(status).map((round) => ({
    round: round.round,
    seconds: round.seconds,
    bytes: {
      up: round.sites.reduce((sum, site) => sum + site.uploadBytes, 0),
      down: bytesDown.get(round.round) ?? 0,
    },
    counted: round.sites.filter((site) => site.state === 'counted').map((site) => site.site),
    ...(round.metrics === null ? {} : scoreOf(round.metrics)),
  }));
}

/** The last attempt of each round that was published, in order. */
export function publishedRounds(status: StudyStatus): RoundStatus[] {
  const byRound = new Map<number, RoundStatus>();
  for (const round of status.history) if (round.state === 'published') byRound.set(round.round, round);
  return [...byRound.values()].sort((a, b) => a.round - b.round);
}

export function scoreOf(metrics: RoundMetrics): Score {
  const precision = (key: 'ap' | 'ap40' | 'ap50' | 'ap75'): Precision => ({
    mean: metrics.mean[key],
    perClass: Object.fromEntries(metrics.perClass.map((entry) => [entry.class, entry[key]])),
  });
  return { ap40: precision('ap40'), ap50: precision('ap50'), ap75: precision('ap75'), ap: precision('ap') };
}

/** Peak memory as a flat table: a site's trainer is its agent's largest child. */
export function flattenMemory(peaks: ReadonlyMap<string, PeakMemory>): Record<string, number> {
  const flat: Record<string, number> = {};
  for (const [name, peak] of peaks) {
    flat[name] = peak.self;
    if (peak.child > 0) flat[`${name} trainer`] = peak.child;
  }
  return flat;
}
