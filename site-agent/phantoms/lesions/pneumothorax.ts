import { edge, type UnitBox } from '../attenuation-plane.js';
import { airAt, fromPleura, lateral, type Lung } from '../chest.js';
import type { Lesion } from './lesion.js';

/** Free air above and beside one lung: darker, without vessels, bounded by the thin white line of the pleura. */
export const pneumothorax: Lesion = {
  class: 'Pneumothorax',
  reshape(chest, random) {
    const side = random.pick([-1, 1]);
    const gap = random.between(0.055, 0.11);
    const collapsed = (lung: Lung): Lung => ({
      ...lung,
      collapse: { gap, untilY: lung.apexY + (lung.baseY - lung.apexY) * (0.35 + gap * 4) },
    });
    const [right, left] = chest.lungs;
    return { ...chest, lungs: side < 0 ? [collapsed(right), left] : [right, collapsed(left)] };
  },
  paint(chest, film) {
    const boxes: UnitBox[] = [];
    for (const lung of chest.lungs) {
      if (lung.collapse === null) continue;
      const x1 = lung.side < 0 ? 0 : 0.45;
      const bounds = { x1, y1: lung.apexY - 0.01, x2: x1 + 0.55, y2: lung.collapse.untilY };
      const at = (x: number, y: number): [number, number] => [lateral(chest, lung.side, x, y), y];
      const box = film.addShape(bounds, -0.09, (x, y) => {
        const [u] = at(x, y);
        const air = airAt(lung, u, y);
        return air === 0 ? 0 : edge(-fromPleura(lung, u, y), 0.004) * Math.min(1, air * 1.4);
      });
      const lineRadius = Math.max(0.0032, 0.8 / film.size);
      film.add(bounds, (x, y) => {
        const [u] = at(x, y);
        const distance = Math.abs(fromPleura(lung, u, y)) / lineRadius;
        return distance >= 1 ? 0 : 0.13 * (1 - distance) * Math.min(1, airAt(lung, u, y) * 1.4);
      });
      if (box !== null) boxes.push(box);
    }
    return boxes;
  },
};
