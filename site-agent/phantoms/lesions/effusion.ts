import { edge, type UnitBox } from '../attenuation-plane.js';
import { AIR } from '../anatomy/lungs.js';
import { airAt, lateral, lateralBorder, type Lung } from '../chest.js';
import type { Lesion } from './lesion.js';

/** Fluid over one diaphragm, at times both: a blunted costophrenic angle and a meniscus that climbs the wall. */
export const effusion: Lesion = {
  class: 'Effusion',
  paint(chest, film, random) {
    const both = random.chance(0.2);
    const first = random.pick(chest.lungs);
    const boxes: UnitBox[] = [];
    for (const lung of both ? chest.lungs : [first]) {
      const depth = random.between(0.02, 0.12);
      const climb = random.between(0.07, 0.13);
      const density = AIR * random.between(0.78, 0.95);
      const x1 = lung.side < 0 ? 0 : 0.4;
      const box = film.addShape({ x1, y1: 0.3, x2: x1 + 0.6, y2: lung.baseY + 0.02 }, density, (x, y) => {
        const u = lateral(chest, lung.side, x, y);
        const air = airAt(lung, u, y);
        // The lung thins out towards its rim; fluid fills what air there was.
        return air === 0 ? 0 : Math.min(1, air * 1.25) * edge(y - surfaceY(lung, u, y, depth, climb), 0.022);
      });
      if (box !== null) boxes.push(box);
    }
    return boxes;
  },
};

/** Upper border of the fluid: flat in the middle, rising towards the lateral wall (Ellis and Damoiseau's line). */
function surfaceY(lung: Lung, u: number, y: number, depth: number, climb: number): number {
  const share = Math.min(1, Math.max(0, u / lateralBorder(lung, y)));
  return lung.domeY + 0.05 - depth - climb * share ** 3.5;
}
