import type { AttenuationPlane } from '../attenuation-plane.js';
import { airAt, expandedAt, heartAt, lateral, type Chest } from '../chest.js';
import type { Random } from '../../random.js';
import { softNoise } from '../soft-noise.js';

/** What the air of a whole lung takes from the trunk's attenuation. */
export const AIR = 0.54;
/** Share of the air in front of and behind the heart that the heart drives out. */
const DISPLACED = 0.55;

/** Air takes attenuation away; fine tissue gives a little back, unless the lung has collapsed there. */
export function addLungs(chest: Chest, film: AttenuationPlane, random: Random): void {
  const coarse = softNoise(9, random);
  const fine = softNoise(34, random);
  for (const lung of chest.lungs) {
    const x1 = lung.side < 0 ? 0 : 0.45;
    film.add({ x1, y1: lung.apexY, x2: x1 + 0.55, y2: lung.baseY + 0.03 }, (x, y) => {
      const u = lateral(chest, lung.side, x, y);
      if (u < 0) return 0;
      const air = airAt(lung, u, y);
      if (air === 0) return 0;
      const tissue = 0.022 * coarse(x, y) + 0.016 * fine(x, y);
      return (
        air *
        (1 - DISPLACED * heartAt(chest.heart, x, y)) *
        (tissue * expandedAt(lung, u, y) - AIR - 0.05 * (1 - expandedAt(lung, u, y)))
      );
    });
  }
}
