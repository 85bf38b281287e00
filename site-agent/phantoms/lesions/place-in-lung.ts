import type { UnitBox } from '../attenuation-plane.js';
import { airAt, filmX, heartAt, type Chest, type Lung } from '../chest.js';
import type { Random } from '../../random.js';

/** Where a lesion lies: its centre on the film and the lung it lies in. */
export interface Place {
  readonly lung: Lung;
  readonly x: number;
  readonly y: number;
}

/**
 * A random point of the lungs with air on all sides of a disc of `radius`, clear of the heart and of other boxes.
 * @returns null when forty tries found none: the film is full.
 */
export function placeInLung(
  chest: Chest,
  radius: number,
  random: Random,
  taken: readonly UnitBox[],
): Place | null {
  for (let tries = 0; tries < 40; tries++) {
    const lung = random.pick(chest.lungs);
    const u = random.between(lung.innerU, lung.outerU);
    const y = random.between(lung.apexY, lung.baseY);
    const x = filmX(chest, lung.side, u, y);
    const free = [-1, 1].every(
      (sign) => airAt(lung, u + sign * radius, y) > 0.5 && airAt(lung, u, y + sign * radius) > 0.5,
    );
    const overHeart = heartAt(chest.heart, x - lung.side * radius * 0.7, y + radius * 0.3) > 0.1;
    const box = { x1: x - radius, y1: y - radius, x2: x + radius, y2: y + radius };
    if (free && !overHeart && taken.every((other) => apart(box, other))) return { lung, x, y };
  }
  return null;
}

function apart(a: UnitBox, b: UnitBox): boolean {
  return a.x2 < b.x1 || b.x2 < a.x1 || a.y2 < b.y1 || b.y2 < a.y1;
}
