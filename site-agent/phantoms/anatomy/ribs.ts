import type { AttenuationPlane } from '../attenuation-plane.js';
import { filmX, lateral, lateralBorder, type Chest, type Lung } from '../chest.js';
import type { Random } from '../../random.js';

const PAIRS = 10;

/** Ten pairs: the back of each rib falls gently to the side, its front part comes back down towards the sternum. */
export function addRibs(chest: Chest, film: AttenuationPlane, random: Random): void {
  const spacing = random.between(0.066, 0.073);
  const density = random.between(0.1, 0.145);
  for (const lung of chest.lungs) {
    for (let pair = 0; pair < PAIRS; pair++) {
      const startY = lung.apexY - 0.012 + pair * spacing + random.normal(0, 0.002);
      addPosterior(chest, lung, film, startY, pair, density);
      if (pair >= 1 && pair <= 6)
        addAnterior(chest, lung, film, startY + 0.12 + pair * 0.012, density * 0.55);
    }
  }
}

function addPosterior(
  chest: Chest,
  lung: Lung,
  film: AttenuationPlane,
  startY: number,
  pair: number,
  density: number,
): void {
  const fall = 0.05 + 0.013 * pair; // lower ribs slope more
  const outer = Math.min(lung.outerU + 0.02, lateralBorder(lung, startY + 0.06) + 0.02);
  const centre = (u: number): number => {
    const t = u / outer;
    return startY - 0.03 * Math.sin(Math.PI * Math.min(1, t * 1.25)) * (1 - t) + fall * t ** 2.2;
  };
  addRib(chest, lung, film, 0.03, outer, centre, density);
}

function addAnterior(
  chest: Chest,
  lung: Lung,
  film: AttenuationPlane,
  outerY: number,
  density: number,
): void {
  const outer = lateralBorder(lung, outerY) + 0.012;
  const inner = outer * 0.42; // cartilage, which does not show, takes over from here
  const centre = (u: number): number => outerY + 0.085 * (1 - ((u - inner) / (outer - inner)) ** 1.7);
  addRib(chest, lung, film, inner, outer, centre, density);
}

function addRib(
  chest: Chest,
  lung: Lung,
  film: AttenuationPlane,
  innerU: number,
  outerU: number,
  centreOf: (u: number) => number,
  density: number,
): void {
  const xs = [filmX(chest, lung.side, innerU, 0.5), filmX(chest, lung.side, outerU, 0.5)];
  const clamped = (x: number): number =>
    Math.min(outerU, Math.max(innerU, lateral(chest, lung.side, x, 0.5)));
  film.addBand(
    Math.min(...xs),
    Math.max(...xs),
    (x) => centreOf(clamped(x)),
    () => 0.0145,
    (offset, x) => {
      const u = clamped(x);
      const ends = Math.min(1, (u - innerU) / 0.03, (outerU - u) / 0.006 + 0.6);
      return density * ends * cortex(offset);
    },
  );
}

/** A tube with a dense wall: brighter near both rims than in its marrow. */
function cortex(offset: number): number {
  const rim = Math.abs(offset);
  return (0.62 + 0.5 * rim ** 4) * Math.min(1, (1 - rim) / 0.22);
}
