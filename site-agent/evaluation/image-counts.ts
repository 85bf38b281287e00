import { imageScoreBin, type ClassImageScores } from '@fedoxnet/shared/evaluation/image-scores';
import { histogramOf } from '@fedoxnet/shared/evaluation/score-histogram';
import type { FilmRecord } from '../data/film.js';
import { readingMasks } from '../data/supervision.js';
import type { ImageScores } from './image-auc.js';

/**
 * What both branches say of whole films, as counts by score: for each class the films whose label is known, as in
 * `imageAuc`.
 * @param scores of each film, in the order of `films`
 */
export function imageCounts(
  films: readonly FilmRecord[],
  scores: readonly ImageScores[],
  classes: readonly string[],
): ClassImageScores[] {
  const masks = films.map((film) => readingMasks(film, classes));
  return classes.map((name, k) => {
    const known = (label: 0 | 1): ImageScores[] =>
      scores.filter((_, i) => masks[i]?.labelKnown[k] === 1 && masks[i].label[k] === label);
    const [positive, negative] = [known(1), known(0)];
    const histogram = (of: readonly ImageScores[], branch: keyof ImageScores): [number, number][] =>
      histogramOf(of.map((film) => imageScoreBin(film[branch][k] ?? NaN)));
    const branch = (of: keyof ImageScores) => ({
      positive: histogram(positive, of),
      negative: histogram(negative, of),
    });
    return {
      class: name,
      positives: positive.length,
      negatives: negative.length,
      global: branch('global'),
      local: branch('local'),
    };
  });
}
