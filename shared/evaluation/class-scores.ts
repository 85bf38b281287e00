import type { ClassScores } from '../protocol/cross-site.js';
import { aucFromCounts } from './auc-from-counts.js';
import { FROC_IOU, frocFromCounts } from './froc-from-counts.js';
import type { ClassImageScores } from './image-scores.js';
import type { ClassMatches, EvaluationReport } from './match-histogram.js';
import { asRoundMetrics, precisionsOf, sameIou } from './round-metrics.js';

/** What one site reported, or the sum of all (`sumReports`). */
type Report = Pick<EvaluationReport, 'classes' | 'images' | 'withheld'>;

const NO_MATCHES: Omit<ClassMatches, 'class'> = { films: 0, truths: 0, byIou: [] };
const NO_IMAGES: Omit<ClassImageScores, 'class'> = {
  positives: 0,
  negatives: 0,
  global: { positive: [], negative: [] },
  local: { positive: [], negative: [] },
};

/**
 * What a release reaches in each class: AP, FROC and image-level AUC, all from counts.
 * @param classes of the plan, in its order; one that the report does not hold has no films
 * @param ious    of the plan; FROC needs .40 among them
 */
export function classScoresOf(
  { classes: matches, images = [], withheld }: Report,
  classes: readonly string[],
  ious: readonly number[],
): ClassScores[] {
  const found = classes.map(
    (name) => matches.find((entry) => entry.class === name) ?? { ...NO_MATCHES, class: name },
  );
  const precisions = asRoundMetrics(precisionsOf(found, ious)).perClass;
  return found.map((entry, index) => {
    const { class: name, truths, films, byIou } = entry;
    const { ap, ap40, ap50, ap75 } = precisions[index]!;
    const at = byIou.find(({ iou }) => sameIou(iou, FROC_IOU));
    const froc = at === undefined ? null : frocFromCounts(at.matched, at.unmatched, truths, films);
    const seen = images.find((image) => image.class === name) ?? NO_IMAGES;
    const hidden = withheld?.detections.includes(name) === true;
    const unseen = withheld?.images.includes(name) === true;
    return {
      class: name,
      films: hidden ? null : films,
      truths: hidden ? null : truths,
      ap,
      ap40,
      ap50,
      ap75,
      froc: froc?.mean ?? null,
      sensitivities: froc?.sensitivities?.slice() ?? null,
      positives: unseen ? null : seen.positives,
      negatives: unseen ? null : seen.negatives,
      globalAuc: aucFromCounts(seen.global.positive, seen.global.negative),
      localAuc: aucFromCounts(seen.local.positive, seen.local.negative),
    };
  });
}
