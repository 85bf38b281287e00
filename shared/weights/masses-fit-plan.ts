import type { StudyPlan } from '../study/plan.js';
import type { UpdateMasses } from './roles.js';

/** Sums of probabilities are kept in single precision by the site. */
const ROUNDING = 1.001;

/**
 * What in an update's masses no round of this plan could give. A site's evidence cannot be checked against its films, but it
 * weighs its update, so a site must not claim more of it than steps and batches allow: at most one exposure of a film per
 * place in a batch, at most one such exposure per class, and fewer matched anchors than pixels.
 * @returns one sentence without subject and stop, such as "has 900 films, more than 240 …", or null when they fit
 */
export function whyMassesMisfit(
  { films, positives, classRows, globalRows, prototypeRows, prototypeFilms }: UpdateMasses,
  {
    classes,
    model,
    training,
    aggregation,
  }: Pick<StudyPlan, 'classes' | 'model' | 'training' | 'aggregation'>,
): string | null {
  const { box, image, none } = training.batch;
  const exposures = training.localSteps * (box + image + none);
  if (films > exposures) {
    return `has ${films} films, more than the ${exposures} that ${training.localSteps} steps can show`;
  }
  // Nine anchors for each cell, of which the finest level has one for 4 × 4 pixels: fewer than pixels over all levels.
  const anchors = exposures * model.size ** 2;
  if (positives > anchors) return `has ${positives} positives, more than anchors`;
  for (const [field, rows, most] of [
    ['classRows', classRows, films],
    ['globalRows', globalRows, films],
    ['prototypeRows', prototypeRows, exposures],
  ] as const) {
    if (rows.length !== classes.length) {
      return `gives ${rows.length} ${field} for ${classes.length} classes`;
    }
    const above = rows.find((mass) => mass > most * ROUNDING);
    if (above !== undefined) return `has ${above} in ${field}, more than its ${most} films`;
  }
  const { prototypeFilms: fewest = 0 } = aggregation;
  const thin = prototypeRows.findIndex((mass, row) => mass > 0 && (prototypeFilms?.[row] ?? 0) < fewest);
  if (thin >= 0) {
    return `has a prototype of ${classes[thin]} from ${prototypeFilms?.[thin] ?? 0} films, fewer than ${fewest}`;
  }
  return null;
}
