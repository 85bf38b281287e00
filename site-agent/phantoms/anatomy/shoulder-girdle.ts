import { chord, edge, type AttenuationPlane } from '../attenuation-plane.js';
import { filmX, lateral, type Chest } from '../chest.js';
import type { Random } from '../../random.js';

/** Clavicles, drawn as S-shaped tubes, and the medial borders of the shoulder blades. */
export function addShoulderGirdle(chest: Chest, film: AttenuationPlane, random: Random): void {
  for (const lung of chest.lungs) {
    const y0 = lung.apexY + random.between(0.07, 0.085);
    const rise = random.between(0.05, 0.08);
    const xs = [filmX(chest, lung.side, 0.035, y0), filmX(chest, lung.side, 0.36, y0)];
    const share = (x: number): number => lateral(chest, lung.side, x, y0) / 0.36;
    film.addBand(
      Math.min(...xs),
      Math.max(...xs),
      (x) => y0 - rise * share(x) + 0.014 * Math.sin(2 * Math.PI * share(x)),
      (x) => 0.0135 + 0.006 * Math.abs(share(x) - 0.5),
      (offset, x) => 0.15 * chord(offset) * Math.min(1, (share(x) - 0.09) / 0.05),
    );
    addScapula(chest, lung.side, film, lung.apexY + random.between(0.05, 0.08), random.between(0.3, 0.335));
  }
}

function addScapula(chest: Chest, side: -1 | 1, film: AttenuationPlane, top: number, medial: number): void {
  const bottom = top + 0.32;
  film.add({ x1: 0, y1: top, x2: 1, y2: bottom }, (x, y) => {
    const u = lateral(chest, side, x, y);
    const t = (y - top) / (bottom - top);
    const inner = medial + 0.055 * t * t;
    const outer = 0.45 - 0.07 * t;
    return 0.055 * edge(u - inner, 0.01) * edge(outer - u, 0.02) * edge(1 - t, 0.2);
  });
}
