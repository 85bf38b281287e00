import type { Random } from '../random.js';

/**
 * Flip, zoom and shift of a square film: out(x, y) shows the film at (scaleX · x + shiftX, scaleY · y + shiftY), in pixels of
 * the model's input. Axes stay axes, so a box stays a box.
 */
export interface Geometry {
  readonly scaleX: number;
  readonly shiftX: number;
  readonly scaleY: number;
  readonly shiftY: number;
}

export const IDENTITY: Geometry = { scaleX: 1, shiftX: 0, scaleY: 1, shiftY: 0 };

/**
 * Draws zoom and shift, each up to `jitter` of the side, and a flip half of the time when flips are on. The heart's side is
 * a finding, so studies leave flips off unless no class depends on it.
 */
export function drawGeometry(random: Random, size: number, jitter: number, flip: boolean): Geometry {
  const zoom = jitter > 0 ? 1 + random.between(-jitter, jitter) : 1;
  const [moveX, moveY] =
    jitter > 0 ? [random.between(-jitter, jitter), random.between(-jitter, jitter)] : [0, 0];
  const mirrored = flip && random.chance(0.5);
  const centred = (size * (1 - zoom)) / 2;
  const shiftX = centred + moveX * size;
  return {
    scaleX: mirrored ? -zoom : zoom,
    shiftX: mirrored ? shiftX + zoom * size : shiftX,
    scaleY: zoom,
    shiftY: centred + moveY * size,
  };
}

/** Bilinear, black outside of the film. Pixel i covers i … i + 1, its centre is i + ½. */
export function warpPixels(pixels: Uint8Array, size: number, geometry: Geometry): Uint8Array {
  if (geometry === IDENTITY) return pixels.slice();
  const columns = samplePositions(size, geometry.scaleX, geometry.shiftX);
  const rows = samplePositions(size, geometry.scaleY, geometry.shiftY);
  const result = new Uint8Array(size * size);
  for (let y = 0; y < size; y++) {
    const y0 = rows.first[y]!;
    if (y0 === OUTSIDE) continue;
    const top = y0 * size;
    const bottom = Math.min(y0 + 1, size - 1) * size;
    const down = rows.fraction[y]!;
    for (let x = 0; x < size; x++) {
      const x0 = columns.first[x]!;
      if (x0 === OUTSIDE) continue;
      const x1 = x0 + 1 < size ? x0 + 1 : x0;
      const right = columns.fraction[x]!;
      const upper = pixels[top + x0]! + right * (pixels[top + x1]! - pixels[top + x0]!);
      const lower = pixels[bottom + x0]! + right * (pixels[bottom + x1]! - pixels[bottom + x0]!);
      result[y * size + x] = upper + down * (lower - upper) + 0.5;
    }
  }
  return result;
}

const OUTSIDE = -1;

function samplePositions(size: number, scale: number, shift: number) {
  const first = new Int32Array(size);
  const fraction = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const source = scale * (i + 0.5) + shift - 0.5;
    if (source <= -0.5 || source >= size - 0.5) {
      first[i] = OUTSIDE;
      continue;
    }
    const inside = Math.max(0, source);
    first[i] = Math.floor(inside);
    fraction[i] = inside - first[i]!;
  }
  return { first, fraction };
}

/** A box of which less than this share of its area is left in view is dropped. */
export const MIN_VISIBLE_SHARE = 0.3;

/**
 * Moves boxes as `warpPixels` moves pixels and clips them to the film.
 * @param boxes [n · 4] x1, y1, x2, y2 in 0 … size
 * @returns the boxes left in view, and which of the n they are
 */
export function warpBoxes(
  boxes: Float32Array,
  size: number,
  geometry: Geometry,
): { boxes: Float32Array; kept: number[] } {
  const { scaleX, shiftX, scaleY, shiftY } = geometry;
  const moved: number[] = [];
  const kept: number[] = [];
  const clip = (value: number) => Math.min(size, Math.max(0, value));
  for (let b = 0; b < boxes.length / 4; b++) {
    const [x1, y1, x2, y2] = boxes.subarray(4 * b, 4 * b + 4) as unknown as [number, number, number, number];
    const ends = [(x1 - shiftX) / scaleX, (x2 - shiftX) / scaleX].sort((a, c) => a - c) as [number, number];
    const top = (y1 - shiftY) / scaleY;
    const bottom = (y2 - shiftY) / scaleY;
    const area = (ends[1] - ends[0]) * (bottom - top);
    const [left, right, upper, lower] = [clip(ends[0]), clip(ends[1]), clip(top), clip(bottom)];
    if ((right - left) * (lower - upper) < MIN_VISIBLE_SHARE * area) continue;
    moved.push(left, upper, right, lower);
    kept.push(b);
  }
  return { boxes: Float32Array.from(moved), kept };
}
