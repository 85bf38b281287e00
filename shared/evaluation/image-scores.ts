import { z } from 'zod';
import { countIn, countOfFilms, SCORE_BINS, scoreHistogram } from './score-histogram.js';

/** Logits beyond ±10, scores beyond .00005 and .99995, share the outermost bins. */
const LOGIT_RANGE = 10;

/**
 * Bin of a film's score: equal steps of its logit, 0.02 each, where detections are counted in equal steps of the score. A
 * detector trained with focal loss leaves most of its strongest scores far below ½, where equal steps of the score would
 * make ties of them.
 * @param score 0 … 1, after the sigmoid
 */
export function imageScoreBin(score: number): number {
  const logit = Math.log(score / (1 - score)); // ±Infinity at the ends
  const bin = Math.floor(((logit + LOGIT_RANGE) / (2 * LOGIT_RANGE)) * SCORE_BINS);
  return Math.min(SCORE_BINS - 1, Math.max(0, bin));
}

/** Films by the score of one branch of the network, those that show the class and those that do not. */
const branchScores = z.object({ positive: scoreHistogram, negative: scoreHistogram });

/**
 * How the two branches score whole films whose label is known for a class, as counts (`imageScoreBin`). With the same of
 * other sites they give the consortium's area under the curve (auc-from-counts.ts).
 */
export const classImageScores = z
  .object({
    class: z.string().min(1).max(64),
    positives: countOfFilms,
    negatives: countOfFilms,
    /** The global head, and the strongest box before suppression. */
    global: branchScores,
    local: branchScores,
  })
  .superRefine(({ positives, negatives, global, local }, context) => {
    for (const [branch, { positive, negative }] of Object.entries({ global, local })) {
      const check = (kind: string, counted: number, films: number): void => {
        if (counted === films) return;
        const message = `counts ${counted} of ${films} films`;
        context.addIssue({ code: 'custom', message, path: [branch, kind] });
      };
      check('positive', countIn(positive), positives);
      check('negative', countIn(negative), negatives);
    }
  });
export type ClassImageScores = z.infer<typeof classImageScores>;
