import type { Random } from '../random.js';

/**
 * Smooth random texture: normal values on a coarse grid, joined by cubic steps (value noise, Perlin 1985 §3).
 * @param cells grid cells along a side of the film
 * @returns a function of film fractions, mean 0, standard deviation about 0.6
 */
export function softNoise(cells: number, random: Random): (x: number, y: number) => number {
  const points = cells + 3;
  const grid = Float32Array.from({ length: points * points }, () => random.normal(0, 1));
  return (x, y) => {
    const gx = Math.min(cells + 0.999, Math.max(0, x * cells));
    const gy = Math.min(cells + 0.999, Math.max(0, y * cells));
    const column = Math.floor(gx);
    const row = Math.floor(gy);
    const tx = step(gx - column);
    const ty = step(gy - row);
    const at = row * points + column;
    const top = mix(grid[at] as number, grid[at + 1] as number, tx);
    const bottom = mix(grid[at + points] as number, grid[at + points + 1] as number, tx);
    return mix(top, bottom, ty);
  };
}

const step = (t: number): number => t * t * (3 - 2 * t);
const mix = (from: number, to: number, t: number): number => from + (to - from) * t;
