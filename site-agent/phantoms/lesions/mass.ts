import { edge } from '../attenuation-plane.js';
import type { Lesion } from './lesion.js';
import { placeInLung } from './place-in-lung.js';

/** One large lobed opacity, 40 to 75 mm across on a film 40 cm wide, with short spikes at its rim. */
export const mass: Lesion = {
  class: 'Mass',
  paint(chest, film, random, taken) {
    const radius = random.between(0.05, 0.092);
    const place = placeInLung(chest, radius * 0.85, random, taken);
    if (place === null) return [];
    const waves = [2, 3, 5, 11].map((order) => ({
      order,
      size: random.between(0.03, 0.3) / order ** 0.8,
      phase: random.between(0, 2 * Math.PI),
    }));
    const rim = (angle: number): number =>
      waves.reduce(
        (sum, { order, size, phase }) => sum + radius * size * Math.cos(order * angle + phase),
        radius,
      );
    const reach = radius * 1.7;
    const box = film.addShape(
      { x1: place.x - reach, y1: place.y - reach, x2: place.x + reach, y2: place.y + reach },
      random.between(0.32, 0.42),
      (x, y) => {
        const dx = x - place.x;
        const dy = y - place.y;
        return edge(rim(Math.atan2(dy, dx)) - Math.hypot(dx, dy), radius * 0.3);
      },
      (x, y) => 1.08 - 0.25 * Math.min(1, Math.hypot(x - place.x, y - place.y) / radius) ** 2,
    );
    return box === null ? [] : [box];
  },
};
