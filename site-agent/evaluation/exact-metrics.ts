import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import { averagePrecisionExact } from './average-precision-exact.js';
import type { ClassMatching } from './matching.js';

/** Average precision of one class at every threshold that was matched; null without true boxes. */
export interface ExactClassMetrics {
  readonly class: string;
  readonly films: number;
  readonly truths: number;
  readonly byIou: readonly { readonly iou: number; readonly ap: number | null }[];
}

export function exactClassMetrics(matches: readonly ClassMatching[]): ExactClassMetrics[] {
  return matches.map(({ class: name, films, truths, byIou }) => ({
    class: name,
    films,
    truths,
    byIou: byIou.map(({ iou, detections }) => ({ iou, ap: averagePrecisionExact(detections, truths) })),
  }));
}

/** The same figures in the form in which the coordinator publishes a round: AP@[.40:.75], AP40, AP50 and AP75. */
export function asRoundMetrics(classes: readonly ExactClassMetrics[]): RoundMetrics {
  const perClass = classes.map(({ class: name, films, truths, byIou }) => {
    const at = (iou: number): number | null => byIou.find((entry) => same(entry.iou, iou))?.ap ?? null;
    const averaged = byIou.filter(({ iou }) => iou > 0.4 - 1e-9 && iou < 0.75 + 1e-9);
    return {
      class: name,
      films,
      truths,
      ap: meanOfKnown(averaged.map(({ ap }) => ap)),
      ap40: at(0.4),
      ap50: at(0.5),
      ap75: at(0.75),
    };
  });
  return {
    mean: {
      ap: meanOfKnown(perClass.map(({ ap }) => ap)),
      ap40: meanOfKnown(perClass.map(({ ap40 }) => ap40)),
      ap50: meanOfKnown(perClass.map(({ ap50 }) => ap50)),
      ap75: meanOfKnown(perClass.map(({ ap75 }) => ap75)),
    },
    perClass,
  };
}

/** Mean over the values that are known; null when none is. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Thresholds such as .40 + 3 · .05 are not exact in binary. */
const same = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;
