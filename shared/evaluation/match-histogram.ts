import { z } from 'zod';
import { classImageScores } from './image-scores.js';
import { countIn, countOfFilms, scoreHistogram, type ScoreHistogram } from './score-histogram.js';

/** As in a plan. */
const MAX_CLASSES = 64;
const MAX_IOUS = 20;
/** True boxes, and detections, of one class on one film: no film has as many. */
const MAX_ON_A_FILM = 1000;

const className = z.string().min(1).max(64);

/**
 * What one site found on its held-out films, small enough to send and without a film, box or identifier in it.
 * Sums over sites give the consortium's precision–recall curves (average-precision.ts). A site cannot be checked against
 * its films, but what no films could give is refused.
 */
export const classMatches = z
  .object({
    class: className,
    /** Held-out films whose reading covers the class, and true boxes on them. */
    films: countOfFilms,
    truths: countOfFilms,
    /** One entry per IoU of the plan, in its order: detections that matched a true box, and those that did not. */
    byIou: z
      .array(z.object({ iou: z.number().gt(0).max(1), matched: scoreHistogram, unmatched: scoreHistogram }))
      .max(MAX_IOUS),
  })
  .superRefine((entry, context) => {
    const refuse = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path });
    if (entry.films === 0 && entry.truths > 0) refuse('true boxes without films', 'truths');
    else if (entry.truths > MAX_ON_A_FILM * entry.films)
      refuse(`${entry.truths} true boxes on ${entry.films} films`, 'truths');
    const first = entry.byIou[0];
    for (const [i, { iou, matched, unmatched }] of entry.byIou.entries()) {
      if (entry.byIou.findIndex((other) => other.iou === iou) < i)
        refuse(`IoU ${iou} is listed twice`, 'byIou', i);
      if (countIn(matched) > entry.truths)
        refuse(`${countIn(matched)} matches of ${entry.truths} true boxes`, 'byIou', i, 'matched');
      if (entry.films === 0 && countIn(unmatched) > 0)
        refuse('detections without films', 'byIou', i, 'unmatched');
      else if (countIn(unmatched) > MAX_ON_A_FILM * entry.films)
        refuse(`${countIn(unmatched)} detections on ${entry.films} films`, 'byIou', i, 'unmatched');
      if (first !== undefined && !sameDetections([first.matched, first.unmatched], [matched, unmatched]))
        refuse('counts other detections than the first IoU', 'byIou', i);
    }
  });
export type ClassMatches = z.infer<typeof classMatches>;

/** What a site keeps to itself because it rests on films of few patients. */
export const withheldScores = z.object({
  /** Of 1 … suppressBelow − 1 patients. */
  suppressBelow: z.number().int().min(1).max(1000),
  /** Classes whose matches, and whose scores of whole films, are not in the report. */
  detections: z.array(className).max(MAX_CLASSES),
  images: z.array(className).max(MAX_CLASSES),
});
export type WithheldScores = z.infer<typeof withheldScores>;

export const evaluationReport = z
  .object({
    /** Null: withheld, as is then everything else. */
    films: countOfFilms.nullable(),
    classes: z.array(classMatches).max(MAX_CLASSES),
    images: z.array(classImageScores).max(MAX_CLASSES).optional(),
    /** Left out: the report holds all there is. */
    withheld: withheldScores.optional(),
  })
  .superRefine(({ films, classes, images = [], withheld }, context) => {
    const refuse = (message: string, ...path: (string | number)[]) =>
      context.addIssue({ code: 'custom', message, path });
    const refuseRepeats = (names: readonly string[], place: (index: number) => (string | number)[]) => {
      for (const [i, name] of names.entries())
        if (names.indexOf(name) < i) refuse(`${name} is listed twice`, ...place(i));
    };
    const namesOf = (entries: readonly { class: string }[]) => entries.map((entry) => entry.class);
    refuseRepeats([...namesOf(classes), ...(withheld?.detections ?? [])], (i) =>
      i < classes.length ? ['classes', i, 'class'] : ['withheld', 'detections', i - classes.length],
    );
    refuseRepeats([...namesOf(images), ...(withheld?.images ?? [])], (i) =>
      i < images.length ? ['images', i, 'class'] : ['withheld', 'images', i - images.length],
    );
    const known = films ?? 0;
    for (const [i, entry] of classes.entries())
      if (entry.films > known) refuse(`${entry.films} of ${known} films`, 'classes', i, 'films');
    for (const [i, { positives, negatives }] of images.entries())
      if (positives + negatives > known)
        refuse(`${positives + negatives} of ${known} films`, 'images', i, 'positives');
  });
export type EvaluationReport = z.infer<typeof evaluationReport>;

/** A detection keeps its score whatever the threshold: matched and unmatched add up to the same in every bin. */
function sameDetections(a: readonly ScoreHistogram[], b: readonly ScoreHistogram[]): boolean {
  const balance = new Map<number, number>();
  for (const [bin, here] of a.flat()) balance.set(bin, (balance.get(bin) ?? 0) + here);
  for (const [bin, here] of b.flat()) balance.set(bin, (balance.get(bin) ?? 0) - here);
  return [...balance.values()].every((left) => left === 0);
}
