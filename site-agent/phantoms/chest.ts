import { edge } from './attenuation-plane.js';
import type { Random } from '../random.js';

/** −1 is the left side of the picture, which is the patient's right. */
export type Side = -1 | 1;

/**
 * Outline of one lung in film fractions. `u` is the distance from the midline towards this lung's side,
 * `y` runs down the film.
 */
export interface Lung {
  readonly side: Side;
  readonly apexY: number;
  readonly apexU: number;
  /** Lowest point: the costophrenic angle. */
  readonly baseY: number;
  /** Medial and lateral borders at mid height. */
  readonly innerU: number;
  readonly outerU: number;
  /** Highest point of the diaphragm. */
  readonly domeU: number;
  readonly domeY: number;
  /** The lung has fallen away from the chest wall down to `untilY`, by `gap` at the apex; null for a whole lung. */
  readonly collapse: { readonly gap: number; readonly untilY: number } | null;
}

/** An ellipse turned by `tilt` radians, clockwise on the film. */
export interface Heart {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  readonly tilt: number;
}

/** One person's chest, as the numbers from which the anatomy is drawn. */
export interface Chest {
  /** Midline x at the top and at the bottom of the film: nobody stands quite straight. */
  readonly midlineTop: number;
  readonly midlineBottom: number;
  readonly lungs: readonly [Lung, Lung];
  readonly heart: Heart;
  /** 0.7 … 1.4: how much soft tissue surrounds the ribs. */
  readonly stoutness: number;
  /** 0 for none. */
  readonly breast: number;
}

export function drawChest(random: Random): Chest {
  const midline = random.normal(0.5, 0.008);
  const lean = random.normal(0, 0.008);
  const outerU = random.normal(0.362, 0.014);
  const apexY = random.normal(0.105, 0.014);
  const rightDome = random.normal(0.735, 0.028);
  const lung = (side: Side, domeY: number): Lung => ({
    side,
    apexY: apexY + random.normal(0, 0.004),
    apexU: random.between(0.105, 0.125),
    baseY: domeY + random.between(0.1, 0.13),
    innerU: random.between(0.048, 0.06),
    outerU: outerU + random.normal(0, 0.004),
    domeU: random.between(0.16, 0.19),
    domeY,
    collapse: null,
  });
  const lungs: [Lung, Lung] = [lung(-1, rightDome), lung(1, rightDome + random.between(0.012, 0.035))];
  return {
    midlineTop: midline - lean,
    midlineBottom: midline + lean,
    lungs,
    heart: heartOfWidth(2 * outerU * random.between(0.4, 0.47), midline, lungs[1], random),
    stoutness: random.between(0.7, 1.35),
    breast: random.chance(0.5) ? random.between(0.05, 0.12) : 0,
  };
}

/** A heart that lies on the left diaphragm, a third of it on the patient's right. */
export function heartOfWidth(width: number, midline: number, leftLung: Lung, random: Random): Heart {
  const radiusX = width / 2;
  const radiusY = radiusX * random.between(0.84, 0.96);
  return {
    x: midline + width * random.between(0.15, 0.2),
    y: leftLung.domeY + random.between(0.015, 0.035) - radiusY * 0.92,
    radiusX,
    radiusY,
    tilt: random.between(0.2, 0.42),
  };
}

export const midlineAt = (chest: Chest, y: number): number =>
  chest.midlineTop + (chest.midlineBottom - chest.midlineTop) * y;

/** Distance from the midline towards `side`. */
export const lateral = (chest: Chest, side: Side, x: number, y: number): number =>
  side * (x - midlineAt(chest, y));

/** Film x of a lateral distance. */
export const filmX = (chest: Chest, side: Side, u: number, y: number): number =>
  midlineAt(chest, y) + side * u;

/** Quarter of a circle: 0 at t ≤ 0 with an upright tangent, 1 from t = 1 on. */
const quarterArc = (t: number): number => Math.sqrt(1 - (1 - Math.min(1, Math.max(0, t))) ** 2);

export function lateralBorder(lung: Lung, y: number): number {
  const t = (y - lung.apexY) / (lung.baseY - lung.apexY);
  return lung.apexU + (lung.outerU - lung.apexU) * quarterArc(t / 0.85);
}

export function medialBorder(lung: Lung, y: number): number {
  const t = (y - lung.apexY) / (lung.baseY - lung.apexY);
  const hilum = 0.014 * Math.exp(-(((t - 0.47) / 0.1) ** 2));
  return lung.apexU - (lung.apexU - lung.innerU) * quarterArc(t / 0.22) + hilum;
}

/** The diaphragm's height at a lateral distance: a dome, steep towards the costophrenic angle. */
export function diaphragmY(lung: Lung, u: number): number {
  const drop = lung.baseY - lung.domeY;
  if (u >= lung.domeU) return lung.domeY + drop * ((u - lung.domeU) / (lung.outerU - lung.domeU)) ** 2.4;
  return lung.domeY + 0.3 * drop * ((lung.domeU - u) / lung.domeU) ** 2;
}

/** How much of a beam at (u, y) runs through the lung's space: 0 outside, 1 where it is deepest. */
export function airAt(lung: Lung, u: number, y: number): number {
  if (y < lung.apexY || y > lung.baseY + 0.02) return 0;
  const fromWall = lateralBorder(lung, y) - u;
  const fromMedial = u - medialBorder(lung, y);
  const fromDome = diaphragmY(lung, u) - y;
  const outline = edge(fromWall, 0.012) * edge(fromMedial, 0.014) * edge(fromDome, 0.008);
  if (outline === 0) return 0;
  const depth = Math.min(1, fromWall / 0.09, fromMedial / 0.06 + 0.35);
  return outline * (0.7 + 0.3 * quarterArc(depth));
}

/** 1 where the lung still reaches, 0 in the gap that a pneumothorax leaves at the apex and the lateral wall. */
export function expandedAt(lung: Lung, u: number, y: number): number {
  return lung.collapse === null ? 1 : edge(fromPleura(lung, u, y), 0.006);
}

/** Signed distance to the edge of a collapsed lung, positive inside it. Infinite for a whole lung. */
export function fromPleura(lung: Lung, u: number, y: number): number {
  const { collapse } = lung;
  if (collapse === null) return Infinity;
  const t = (y - lung.apexY) / (collapse.untilY - lung.apexY); // 0 at the apex, 1 where the gap closes
  const gap = collapse.gap * Math.max(0, 1 - t * t);
  const below = y - (lung.apexY + collapse.gap); // the apex itself has come down
  return Math.min(lateralBorder(lung, Math.max(lung.apexY, y - collapse.gap * 0.6)) - gap - u, below);
}

/** 1 inside the heart, 0 outside. */
export function heartAt(heart: Heart, x: number, y: number): number {
  const cos = Math.cos(heart.tilt);
  const sin = Math.sin(heart.tilt);
  const along = ((x - heart.x) * cos + (y - heart.y) * sin) / heart.radiusX;
  const across = (-(x - heart.x) * sin + (y - heart.y) * cos) / heart.radiusY;
  return edge((1 - Math.hypot(along, across)) * Math.min(heart.radiusX, heart.radiusY), 0.016);
}
