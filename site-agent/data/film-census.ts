import { takeCensus, type Census } from '@fedoxnet/shared/study/census';
import type { Catalogue } from './film.js';

/** Counts per class and supervision of one split, small counts withheld: what a site may show the consortium. */
export function filmCensus(
  { films }: Catalogue,
  classes: readonly string[],
  split: 'train' | 'val',
  suppressBelow?: number,
): Census {
  return takeCensus(
    films.filter((film) => film.split === split),
    classes,
    suppressBelow,
  );
}
