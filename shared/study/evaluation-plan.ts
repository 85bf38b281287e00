import { z } from 'zod';

export const evaluationPlan = z.strictObject({
  /** IoU thresholds at which sites count matches. AP@[.40:.75] needs .40 … .75 in steps of .05, FROC .40. */
  ious: z.array(z.number().gt(0).lt(1)).min(1).max(20),
  /**
   * Sites keep to themselves what rests on films of 1 … suppressBelow − 1 patients; 5 when left out, 1 sends all. A site's own
   * policy may ask for more.
   */
  suppressBelow: z.number().int().min(1).max(1000).optional(),
});
export type EvaluationPlan = z.infer<typeof evaluationPlan>;

/** As in the census. */
const SUPPRESS_BELOW = 5;

export function suppressBelowOf({ suppressBelow }: Pick<EvaluationPlan, 'suppressBelow'>): number {
  return suppressBelow ?? SUPPRESS_BELOW;
}
