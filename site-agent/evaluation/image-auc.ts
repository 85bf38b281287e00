import { meanOfKnown } from '@fedoxnet/shared/evaluation/mean-of-known';
import type { FilmRecord } from '../data/film.js';
import { readingMasks } from '../data/supervision.js';
import { rocAuc } from './roc-auc.js';

/** What the two branches say of a whole film, in the order of the classes. */
export interface ImageScores {
  /** [K] probability of the global head, σ(s). */
  readonly global: ArrayLike<number>;
  /** [K] score of the strongest box before suppression and score floor, so that weak films still differ. */
  readonly local: ArrayLike<number>;
}

export interface ClassAuc {
  readonly class: string;
  /** Films that are known to show the class, and not to. */
  readonly positives: number;
  readonly negatives: number;
  /** "G AUC" of the paper's code (oxnet.md §4); null when either kind of film is missing, as is `local`. */
  readonly global: number | null;
  /** "L AUC". */
  readonly local: number | null;
}

export interface ImageAuc {
  readonly perClass: readonly ClassAuc[];
  /** Over the classes that have both kinds of film. */
  readonly mean: { readonly global: number | null; readonly local: number | null };
}

/**
 * How well each branch tells films with a disease from films without. Only films whose label is known for the class count:
 * a box reading or an image label; unknown is never negative.
 * @param scores of each film, in the order of `films`
 */
export function imageAuc(
  films: readonly FilmRecord[],
  scores: readonly ImageScores[],
  classes: readonly string[],
): ImageAuc {
  const masks = films.map((film) => readingMasks(film, classes));
  const perClass = classes.map((name, k) => {
    const known = [...films.keys()].filter((i) => masks[i]?.labelKnown[k] === 1);
    const labels = known.map((i) => masks[i]?.label[k] ?? 0);
    const auc = (branch: keyof ImageScores): number | null =>
      rocAuc(
        known.map((i) => scores[i]?.[branch][k] ?? NaN),
        labels,
      );
    const positives = labels.filter((label) => label === 1).length;
    return {
      class: name,
      positives,
      negatives: known.length - positives,
      global: auc('global'),
      local: auc('local'),
    };
  });
  const mean = (branch: keyof ImageScores): number | null =>
    meanOfKnown(perClass.map((entry) => entry[branch]));
  return { perClass, mean: { global: mean('global'), local: mean('local') } };
}
