import { countsOf, type SplitCensus } from '../study/census.js';

/**
 * Which classes a site keeps out of its report: scores of a class may leave when the census of the same films would show
 * the counts behind them, and only then. Report and census then give away no more together than the census alone.
 * - Matches tell how many films are boxed for the class, and how many of them about have a box: both counts of boxed films
 *   must be shown.
 * - Scores of whole films tell how many show the class and how many do not, by boxes or labels: all of the row must be
 *   shown, or what one column withholds would be the difference.
 * As in the census, a count is withheld that rests on few patients, and another one with it wherever a known total would give
 * it away (withhold.ts).
 * @param census of the held-out films, by the classes of the plan
 */
export function withheldClasses(census: SplitCensus): { detections: string[]; images: string[] } {
  const withheld = (isHidden: (entry: SplitCensus['classes'][number]) => boolean): string[] =>
    census.classes.filter(isHidden).map((entry) => entry.class);
  return {
    detections: withheld(({ boxPresent, boxAbsent }) => boxPresent === null || boxAbsent === null),
    images: withheld((entry) => countsOf(entry).includes(null)),
  };
}
