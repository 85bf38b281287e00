import { meanOfKnown } from '@fedoxnet/shared/evaluation/mean-of-known';
import { precisionAt, type ClassPrecision } from '@fedoxnet/shared/evaluation/round-metrics';
import type { ClassMatching } from './matching.js';
import { averagePrecisionOf } from './ranking.js';

/** Exact average precision of each class at every threshold that was matched. */
export function classPrecisions(matches: readonly ClassMatching[]): ClassPrecision[] {
  return matches.map((matching) => ({
    class: matching.class,
    films: matching.films,
    truths: matching.truths,
    byIou: matching.ious.map((iou, at) => ({ iou, ap: averagePrecisionOf(matching, at) })),
  }));
}

/** Average precision over thresholds somebody chose. */
export interface ChosenPrecision {
  readonly ious: readonly number[];
  /** Over the classes that have true boxes. */
  readonly mean: number | null;
  readonly perClass: readonly { readonly class: string; readonly ap: number | null }[];
}

/** @param ious some of those that were matched */
export function precisionOver(classes: readonly ClassPrecision[], ious: readonly number[]): ChosenPrecision {
  const perClass = classes.map(({ class: name, byIou }) => ({
    class: name,
    ap: meanOfKnown(ious.map((iou) => precisionAt(byIou, iou))),
  }));
  return { ious, mean: meanOfKnown(perClass.map(({ ap }) => ap)), perClass };
}
