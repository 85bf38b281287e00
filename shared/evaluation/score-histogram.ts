import { z } from 'zod';

/** Scores are counted in this many equal bins of [0, 1]; a detection with score s falls into floor(s · BINS), 1.0 into the last. */
export const SCORE_BINS = 1000;
/** Films, boxes and detections of one site: far above any archive, and sums over all sites stay exact. */
const MAX_COUNT = 1e9;

export const countOfFilms = z.number().int().min(0).max(MAX_COUNT);

/** Sparse counts by bin, bins rising. */
export type ScoreHistogram = readonly (readonly [bin: number, count: number])[];

export const scoreHistogram = z
  .array(
    z.tuple([
      z
        .number()
        .int()
        .min(0)
        .max(SCORE_BINS - 1),
      z.number().int().min(1).max(MAX_COUNT),
    ]),
  )
  .max(SCORE_BINS)
  .refine((pairs) => pairs.every(([bin], i) => i === 0 || bin > (pairs[i - 1]?.[0] ?? -1)), 'bins must rise');

export function scoreBin(score: number): number {
  return Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));
}

/** @param bins of what is counted, in any order */
export function histogramOf(bins: Iterable<number>): [number, number][] {
  const counts = new Map<number, number>();
  for (const bin of bins) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b);
}

export function countIn(histogram: ScoreHistogram): number {
  return histogram.reduce((sum, [, here]) => sum + here, 0);
}

export function sumHistograms(histograms: readonly ScoreHistogram[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const [bin, count] of histograms.flat()) counts.set(bin, (counts.get(bin) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}
