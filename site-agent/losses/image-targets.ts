import { isLabelledPresent, type FilmLabels } from './film-labels.js';
import type { ImageTargets } from './total-loss.js';

/**
 * Image-level labels of a batch. A label that is not known weighs nothing, so a film without any gives no false negatives
 * (oxnet.md §2.5); the known ones share the weight 1.
 * @returns null when no label of the batch is known
 */
export function imageTargets(films: readonly FilmLabels[]): ImageTargets | null {
  const classes = films[0]?.labelKnown.length ?? 0;
  const known = films.reduce((sum, film) => sum + film.labelKnown.reduce((n, k) => n + k, 0), 0);
  if (known === 0) return null;
  const labels = new Float32Array(films.length * classes);
  const weights = new Float32Array(films.length * classes);
  const positive = new Uint8Array(films.length * classes);
  films.forEach((film, b) => {
    for (let c = 0; c < classes; c++) {
      const i = b * classes + c;
      if (film.labelKnown[c]) weights[i] = 1 / known;
      if (isLabelledPresent(film, c)) labels[i] = positive[i] = 1;
    }
  });
  return { labels, weights, positive };
}
