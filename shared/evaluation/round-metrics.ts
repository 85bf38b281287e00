import type { RoundMetrics } from '../protocol/status.js';
import { averagePrecision } from './average-precision.js';
import type { ClassMatches, EvaluationReport } from './match-histogram.js';
import { meanOfKnown } from './mean-of-known.js';
import { sumReports } from './sum-reports.js';

/** Range of the averaged metric of OXnet, AP@[.40:.75] (oxnet.md D15). */
const AVERAGED_IOUS = { from: 0.4, to: 0.75 } as const;

/** Average precision of one class at every threshold that was matched; null without true boxes. */
export interface ClassPrecision {
  readonly class: string;
  /** Films whose reading covers the class, and true boxes on them. */
  readonly films: number;
  readonly truths: number;
  readonly byIou: readonly { readonly iou: number; readonly ap: number | null }[];
}

/**
 * AP@[.40:.75], AP40, AP50 and AP75 per class and averaged over the classes that have true boxes.
 * `ap40`, `ap50` or `ap75` is null when its threshold was not matched.
 */
export function asRoundMetrics(classes: readonly ClassPrecision[]): RoundMetrics {
  const perClass = classes.map(({ class: name, films, truths, byIou }) => {
    const averaged = byIou.filter(
      ({ iou }) => iou > AVERAGED_IOUS.from - 1e-9 && iou < AVERAGED_IOUS.to + 1e-9,
    );
    return {
      class: name,
      films,
      truths,
      ap: meanOfKnown(averaged.map(({ ap }) => ap)),
      ap40: precisionAt(byIou, 0.4),
      ap50: precisionAt(byIou, 0.5),
      ap75: precisionAt(byIou, 0.75),
    };
  });
  const mean = (metric: 'ap' | 'ap40' | 'ap50' | 'ap75'): number | null =>
    meanOfKnown(perClass.map((entry) => entry[metric]));
  return { mean: { ap: mean('ap'), ap40: mean('ap40'), ap50: mean('ap50'), ap75: mean('ap75') }, perClass };
}

/**
 * What a round's release reaches on the held-out films of all sites together.
 * @param classes of the plan, in its order; one that no site reported has no films and null metrics
 * @param ious    of the plan
 */
export function roundMetricsOf(
  reports: readonly EvaluationReport[],
  classes: readonly string[],
  ious: readonly number[],
): RoundMetrics {
  const total = new Map(sumReports(reports).classes.map((entry) => [entry.class, entry]));
  const matches = classes.map((name) => total.get(name) ?? { class: name, films: 0, truths: 0, byIou: [] });
  return asRoundMetrics(precisionsOf(matches, ious));
}

/** Average precision of counted detections at each of the thresholds; one that was not counted found nothing. */
export function precisionsOf(matches: readonly ClassMatches[], ious: readonly number[]): ClassPrecision[] {
  return matches.map(({ class: name, films, truths, byIou }) => ({
    class: name,
    films,
    truths,
    byIou: ious.map((iou) => {
      const at = byIou.find((entry) => sameIou(entry.iou, iou));
      return { iou, ap: averagePrecision(at?.matched ?? [], at?.unmatched ?? [], truths) };
    }),
  }));
}

/** AP at one threshold; null when it was not matched, or there was nothing to find. */
export function precisionAt(byIou: ClassPrecision['byIou'], iou: number): number | null {
  return byIou.find((entry) => sameIou(entry.iou, iou))?.ap ?? null;
}

/** Thresholds such as .40 + 3 · .05 are not exact in binary. */
export function sameIou(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-9;
}
