import type { RoundMetrics, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { lastAttempts } from './last-attempts.js';

/** Average precision at one IoU, or its mean over IoU .40:.05:.75. */
export type ApMeasure = keyof RoundMetrics['mean'];

export const AP_LABELS: Record<ApMeasure, string> = {
  ap40: 'AP40',
  ap50: 'AP50',
  ap75: 'AP75',
  ap: 'AP@[.40:.75]',
};

export interface ApLines {
  /** Scored rounds, rising; 0 is the model before training. */
  readonly rounds: readonly number[];
  /** [round] mean over the classes that could be scored. */
  readonly mean: readonly (number | null)[];
  /** [class][round] in the plan's order; null where no held-out film has a true box of the class. */
  readonly classes: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export function apLines(status: StudyStatus, measure: ApMeasure): ApLines {
  const scored = lastAttempts(status.history).flatMap(({ round, metrics }) =>
    metrics === null ? [] : [{ round, metrics }],
  );
  return {
    rounds: scored.map(({ round }) => round),
    mean: scored.map(({ metrics }) => metrics.mean[measure]),
    classes: status.classes.map((name) => ({
      name,
      values: scored.map(
        ({ metrics }) => metrics.perClass.find((entry) => entry.class === name)?.[measure] ?? null,
      ),
    })),
  };
}
