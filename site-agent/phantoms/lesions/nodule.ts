import { edge } from '../attenuation-plane.js';
import type { Lesion } from './lesion.js';
import { placeInLung } from './place-in-lung.js';

/** One to three small round opacities, 16 to 30 mm across on a film 40 cm wide. */
export const nodule: Lesion = {
  class: 'Nodule',
  paint(chest, film, random, taken) {
    const boxes = [];
    for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) {
      const radius = random.between(0.021, 0.037);
      const place = placeInLung(chest, radius * 1.1, random, [...taken, ...boxes]);
      if (place === null) break;
      const stretch = random.between(0.9, 1.1);
      const reach = radius * 1.4;
      const box = film.addShape(
        { x1: place.x - reach, y1: place.y - reach, x2: place.x + reach, y2: place.y + reach },
        random.between(0.25, 0.34),
        (x, y) => edge(radius - Math.hypot((x - place.x) * stretch, (y - place.y) / stretch), radius * 0.55),
      );
      if (box !== null) boxes.push(box);
    }
    return boxes;
  },
};
