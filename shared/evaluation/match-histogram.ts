import { z } from 'zod';

/** Scores are counted in this many equal bins of [0, 1]; a detection with score s falls into floor(s · BINS), 1.0 into the last. */
export const SCORE_BINS = 1000;

/** Sparse histogram: [bin, count] pairs, bins rising. */
const histogram = z
  .array(
    z.tuple([
      z
        .number()
        .int()
        .min(0)
        .max(SCORE_BINS - 1),
      z.number().int().min(1),
    ]),
  )
  .max(SCORE_BINS);

/**
 * What one site found on its held-out films, small enough to send and without a film, box or identifier in it.
 * Sums over sites give the consortium's precision–recall curves (average-precision.ts).
 */
export const classMatches = z.object({
  class: z.string(),
  /** Held-out films whose reading covers the class, and true boxes on them. */
  films: z.number().int().min(0),
  truths: z.number().int().min(0),
  /** One entry per IoU of the plan, in its order: detections that matched a true box, and those that did not. */
  byIou: z.array(z.object({ iou: z.number(), matched: histogram, unmatched: histogram })),
});
export type ClassMatches = z.infer<typeof classMatches>;

export const evaluationReport = z.object({ films: z.number().int().min(0), classes: z.array(classMatches) });
export type EvaluationReport = z.infer<typeof evaluationReport>;
