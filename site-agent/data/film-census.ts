import { takeCensus, type Census } from '@fedoxnet/shared/study/census';
import type { Catalogue } from './film.js';

/** What a site may show the consortium of its catalogue; small counts are withheld. */
export function filmCensus(
  catalogue: Catalogue,
  classes: readonly string[] = catalogue.classes,
  suppressBelow?: number,
): Census {
  return takeCensus(catalogue.films, classes, catalogue.classes, suppressBelow);
}
