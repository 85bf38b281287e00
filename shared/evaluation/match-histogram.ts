import { z } from 'zod';

/** Scores are counted in this many equal bins of [0, 1]; a detection with score s falls into floor(s · BINS), 1.0 into the last. */
export const SCORE_BINS = 1000;
/** Films, boxes and detections of one site: far above any archive, and sums over all sites stay exact. */
const MAX_COUNT = 1e9;
/** As in a plan. */
const MAX_CLASSES = 64;
const MAX_IOUS = 20;

const count = z.number().int().min(0).max(MAX_COUNT);

/** Sparse counts by score bin. */
export type ScoreHistogram = readonly (readonly [bin: number, count: number])[];

const histogram = z
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

/**
 * What one site found on its held-out films, small enough to send and without a film, box or identifier in it.
 * Sums over sites give the consortium's precision–recall curves (average-precision.ts). A site cannot be checked against
 * its films, but what no films could give is refused.
 */
export const classMatches = z
  .object({
    class: z.string().min(1).max(64),
    /** Held-out films whose reading covers the class, and true boxes on them. */
    films: count,
    truths: count,
    /** One entry per IoU of the plan, in its order: detections that matched a true box, and those that did not. */
    byIou: z
      .array(z.object({ iou: z.number().gt(0).max(1), matched: histogram, unmatched: histogram }))
      .max(MAX_IOUS),
  })
  .superRefine((entry, context) => {
    const refuse = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path });
    if (entry.films === 0 && entry.truths > 0) refuse('true boxes without films', 'truths');
    const first = entry.byIou[0];
    for (const [i, { iou, matched, unmatched }] of entry.byIou.entries()) {
      if (entry.byIou.findIndex((other) => other.iou === iou) < i)
        refuse(`IoU ${iou} is listed twice`, 'byIou', i);
      if (total(matched) > entry.truths)
        refuse(`${total(matched)} matches of ${entry.truths} true boxes`, 'byIou', i, 'matched');
      if (entry.films === 0 && total(unmatched) > 0)
        refuse('detections without films', 'byIou', i, 'unmatched');
      if (first !== undefined && !sameDetections([first.matched, first.unmatched], [matched, unmatched]))
        refuse('counts other detections than the first IoU', 'byIou', i);
    }
  });
export type ClassMatches = z.infer<typeof classMatches>;

export const evaluationReport = z
  .object({ films: count, classes: z.array(classMatches).max(MAX_CLASSES) })
  .superRefine(({ films, classes }, context) => {
    const refuse = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path: ['classes', ...path] });
    for (const [i, entry] of classes.entries()) {
      if (classes.findIndex((other) => other.class === entry.class) < i)
        refuse(`${entry.class} is listed twice`, i, 'class');
      if (entry.films > films) refuse(`${entry.films} of ${films} films`, i, 'films');
    }
  });
export type EvaluationReport = z.infer<typeof evaluationReport>;

function total(counts: ScoreHistogram): number {
  return counts.reduce((sum, [, here]) => sum + here, 0);
}

/** A detection keeps its score whatever the threshold: matched and unmatched add up to the same in every bin. */
function sameDetections(a: readonly ScoreHistogram[], b: readonly ScoreHistogram[]): boolean {
  const balance = new Map<number, number>();
  for (const [bin, here] of a.flat()) balance.set(bin, (balance.get(bin) ?? 0) + here);
  for (const [bin, here] of b.flat()) balance.set(bin, (balance.get(bin) ?? 0) - here);
  return [...balance.values()].every((left) => left === 0);
}
