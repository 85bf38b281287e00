import { edge } from '../attenuation-plane.js';
import { airAt, lateral } from '../chest.js';
import { softNoise } from '../soft-noise.js';
import type { Lesion } from './lesion.js';
import { placeInLung } from './place-in-lung.js';

/** A patchy cloud of filled air spaces with no sharp border, 60 to 120 mm across on a film 40 cm wide. */
export const consolidation: Lesion = {
  class: 'Consolidation',
  paint(chest, film, random, taken) {
    const radius = random.between(0.085, 0.13);
    const place = placeInLung(chest, radius * 0.6, random, taken);
    if (place === null) return [];
    const { lung } = place;
    const stretch = random.between(0.85, 1.35);
    const ragged = softNoise(16, random);
    const patchy = softNoise(28, random);
    const reach = radius * 1.9;
    const box = film.addShape(
      { x1: place.x - reach, y1: place.y - reach, x2: place.x + reach, y2: place.y + reach },
      random.between(0.26, 0.34),
      (x, y) => {
        const air = airAt(lung, lateral(chest, lung.side, x, y), y);
        if (air === 0) return 0;
        const distance = Math.hypot((x - place.x) * stretch, (y - place.y) / stretch) / radius;
        return edge(1 - distance + 0.22 * ragged(x, y), 0.75) * Math.min(1, air * 1.4);
      },
      (x, y) => Math.max(0.55, 0.95 + 0.24 * patchy(x, y)),
    );
    return box === null ? [] : [box];
  },
};
