import { chord, type AttenuationPlane } from '../attenuation-plane.js';
import { airAt, expandedAt, filmX, heartAt, lateral, type Chest, type Lung } from '../chest.js';
import type { Random } from '../../random.js';

/** Pulmonary vessels: a hilum on each side, and branches that fork and thin out towards the chest wall. */
export function addVessels(chest: Chest, film: AttenuationPlane, random: Random): void {
  for (const lung of chest.lungs) {
    const y =
      lung.apexY + (lung.domeY - lung.apexY) * random.between(0.5, 0.55) - (lung.side > 0 ? 0.015 : 0);
    const root = { u: lung.innerU + 0.012, y };
    addHilum(chest, lung, film, root);
    for (let branch = 0; branch < 9; branch++) {
      // From steeply up over sideways to steeply down.
      const direction = -1.15 + (2.45 * (branch + random.between(0.2, 0.8))) / 9;
      grow(chest, lung, film, random, root, direction, random.between(0.0068, 0.0088), 0);
    }
  }
}

function addHilum(chest: Chest, lung: Lung, film: AttenuationPlane, root: { u: number; y: number }): void {
  film.add({ x1: 0.3, y1: root.y - 0.1, x2: 0.7, y2: root.y + 0.12 }, (x, y) => {
    const u = lateral(chest, lung.side, x, y);
    const distance = Math.hypot((u - root.u) / 0.045, (y - root.y - 0.01) / 0.085);
    return 0.12 * Math.max(0, 1 - distance * distance);
  });
}

function grow(
  chest: Chest,
  lung: Lung,
  film: AttenuationPlane,
  random: Random,
  from: { u: number; y: number },
  direction: number,
  radius: number,
  depth: number,
): void {
  const length = random.between(0.07, 0.1) * 0.86 ** depth;
  const bend = random.normal(0, 0.22);
  const steps = Math.ceil(length * film.size);
  const step = length / steps;
  let { u, y } = from;
  for (let i = 0; i < steps; i++) {
    const angle = direction + (bend * i) / steps;
    u += Math.cos(angle) * step;
    y += Math.sin(angle) * step;
    dab(chest, lung, film, u, y, radius * (1 - (0.25 * i) / steps), step);
  }
  if (depth >= 3 || airAt(lung, u, y) === 0) return;
  const spread = random.between(0.25, 0.5);
  grow(chest, lung, film, random, { u, y }, direction + bend - spread, radius * 0.72, depth + 1);
  grow(chest, lung, film, random, { u, y }, direction + bend + spread, radius * 0.72, depth + 1);
}

/** One short piece of a vessel, as a ball whose weight is its share of a ball-wide stretch. */
function dab(
  chest: Chest,
  lung: Lung,
  film: AttenuationPlane,
  u: number,
  y: number,
  radius: number,
  length: number,
): void {
  const x = filmX(chest, lung.side, u, y);
  const shown = airAt(lung, u, y) * expandedAt(lung, u, y) * (1 - 0.7 * heartAt(chest.heart, x, y));
  if (shown === 0) return;
  const drawn = Math.max(radius, 0.75 / film.size); // a vessel thinner than a pixel fades instead of vanishing
  const weight = 20 * radius * shown * Math.min(1, length / (2 * drawn)) * (radius / drawn);
  const bounds = { x1: x - drawn, y1: y - drawn, x2: x + drawn, y2: y + drawn };
  film.add(bounds, (px, py) => weight * 0.8 * chord(Math.hypot(px - x, py - y) / drawn));
}
