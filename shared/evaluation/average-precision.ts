import type { RoundMetrics } from '../protocol/status.js';
import { SCORE_BINS, type ClassMatches, type EvaluationReport } from './match-histogram.js';

/** Sparse counts by score bin, as in a report. */
export type ScoreHistogram = readonly (readonly [bin: number, count: number])[];

/** Recall 0, .01, …, 1: where COCO samples the precision–recall curve. */
const RECALL_STEPS = 100;
/** Range of the averaged metric of OXnet, AP@[.40:.75]. */
const AVERAGED_IOUS = { from: 0.4, to: 0.75 } as const;

function dense(histogram: ScoreHistogram): Float64Array {
  const counts = new Float64Array(SCORE_BINS);
  for (const [bin, count] of histogram) counts[bin] = (counts[bin] ?? 0) + count;
  return counts;
}

/** One histogram with rising bins, from one that may list a bin several times. */
function compact(histogram: ScoreHistogram): [number, number][] {
  return [...dense(histogram).entries()].filter(([, count]) => count > 0);
}

function sumClass(a: ClassMatches, b: ClassMatches): ClassMatches {
  const entries = [...a.byIou, ...b.byIou];
  const ious = [...new Set(entries.map(({ iou }) => iou))];
  return {
    class: a.class,
    films: a.films + b.films,
    truths: a.truths + b.truths,
    byIou: ious.map((iou) => {
      const both = entries.filter((entry) => entry.iou === iou);
      return {
        iou,
        matched: compact(both.flatMap(({ matched }) => matched)),
        unmatched: compact(both.flatMap(({ unmatched }) => unmatched)),
      };
    }),
  };
}

/** The report one site would have sent that held all the films. Sites may report different classes. */
export function sumReports(reports: readonly EvaluationReport[]): EvaluationReport {
  const classes = new Map<string, ClassMatches>();
  for (const entry of reports.flatMap((report) => report.classes)) {
    const sum = classes.get(entry.class);
    classes.set(entry.class, sum === undefined ? entry : sumClass(sum, entry));
  }
  return {
    films: reports.reduce((films, report) => films + report.films, 0),
    classes: [...classes.values()],
  };
}

/**
 * COCO's interpolated average precision, (1/101) Σ_{r ∈ {0, .01, …, 1}} max_{r' ≥ r} precision(r'), at one IoU.
 * Lin et al. 2014, arXiv:1405.0312; cocoapi `COCOeval.accumulate`. Detections of one bin are ties: they enter
 * the curve together, so the result does not depend on an order within the bin.
 * @param matched   detections that matched a true box, by score bin
 * @param unmatched all other detections, by score bin
 * @param truths    true boxes, found or not
 * @returns 0 … 1, or null when there is no true box to find
 */
export function averagePrecision(
  matched: ScoreHistogram,
  unmatched: ScoreHistogram,
  truths: number,
): number | null {
  if (truths === 0) return null;
  const hits = dense(matched);
  const misses = dense(unmatched);
  const curve: { hits: number; precision: number }[] = [];
  let hitsAbove = 0;
  let missesAbove = 0;
  for (let bin = SCORE_BINS - 1; bin >= 0; bin -= 1) {
    hitsAbove += hits[bin] ?? 0;
    missesAbove += misses[bin] ?? 0;
    if (hitsAbove > 0) curve.push({ hits: hitsAbove, precision: hitsAbove / (hitsAbove + missesAbove) });
  }
  // From the right, so that `best` is the highest precision at this recall or beyond. Whole numbers decide
  // "recall ≥ r": hits / truths ≥ step / 100.
  let sum = 0;
  let best = 0;
  for (let step = RECALL_STEPS; step >= 0; step -= 1) {
    while (curve.length > 0 && (curve.at(-1)?.hits ?? 0) * RECALL_STEPS >= step * truths) {
      best = Math.max(best, curve.pop()?.precision ?? 0);
    }
    sum += best;
  }
  return sum / (RECALL_STEPS + 1);
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Thresholds such as .40 + 3 · .05 are not exact in binary. */
function sameIou(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-9;
}

/**
 * What a round's release reaches on the held-out films of all sites together.
 * @param classes of the plan, in its order; one that no site reported has no films and null metrics
 * @param ious    of the plan; `ap40`, `ap50` or `ap75` is null when its threshold is not among them
 */
export function roundMetricsOf(
  reports: readonly EvaluationReport[],
  classes: readonly string[],
  ious: readonly number[],
): RoundMetrics {
  const total = new Map(sumReports(reports).classes.map((entry) => [entry.class, entry]));
  const averaged = ious.filter((iou) => iou > AVERAGED_IOUS.from - 1e-9 && iou < AVERAGED_IOUS.to + 1e-9);
  const perClass = classes.map((name) => {
    const entry = total.get(name) ?? { class: name, films: 0, truths: 0, byIou: [] };
    const at = (iou: number): number | null => {
      if (!ious.some((known) => sameIou(known, iou))) return null;
      const matches = entry.byIou.find((candidate) => sameIou(candidate.iou, iou));
      return averagePrecision(matches?.matched ?? [], matches?.unmatched ?? [], entry.truths);
    };
    return {
      class: name,
      films: entry.films,
      truths: entry.truths,
      ap: mean(averaged.map(at)),
      ap40: at(0.4),
      ap50: at(0.5),
      ap75: at(0.75),
    };
  });
  return {
    mean: {
      ap: mean(perClass.map(({ ap }) => ap)),
      ap40: mean(perClass.map(({ ap40 }) => ap40)),
      ap50: mean(perClass.map(({ ap50 }) => ap50)),
      ap75: mean(perClass.map(({ ap75 }) => ap75)),
    },
    perClass,
  };
}
