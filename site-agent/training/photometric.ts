import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { Random } from '../random.js';

/**
 * The photometric operations of OXnet's augmentation (oxnet.md §3) on grey films: pixels 0 … 255, any size. Colour has no
 * meaning here; in the varied list gamma takes its place. Each returns a new array and leaves its argument alone.
 */
export type Photometric = (pixels: Uint8Array, random: Random, size: number) => Uint8Array;

/** Stretches to the full range, ignoring the darkest and the brightest `ignored` of the pixels, by default 1 %. */
export function autoContrast(pixels: Uint8Array, ignored = 0.01): Uint8Array {
  const counts = histogram(pixels);
  const tail = pixels.length * ignored;
  let low = 0;
  let high = 255;
  for (let below = counts[0]!; below <= tail && low < 255; below += counts[low]!) low++;
  for (let above = counts[255]!; above <= tail && high > 0; above += counts[high]!) high--;
  if (high <= low) return pixels.slice();
  return mapValues(pixels, (v) => ((v - low) * 255) / (high - low));
}

/** Gives every grey value the same share of the film: v ↦ 255 · (share of pixels ≤ v). */
export function equalize(pixels: Uint8Array): Uint8Array {
  const counts = histogram(pixels);
  let sum = 0;
  const table = Array.from(counts, (count) => (sum += count));
  const first = table.find((value) => value > 0)!;
  if (first === pixels.length) return pixels.slice();
  return mapValues(pixels, (v) => (255 * (table[v]! - first)) / (pixels.length - first));
}

/** Inverts what is brighter than half of the range. */
export function solarize(pixels: Uint8Array): Uint8Array {
  return mapValues(pixels, (v) => (v < 128 ? v : 255 - v));
}

/** Keeps the three highest bits of each pixel. */
export function posterize(pixels: Uint8Array): Uint8Array {
  return mapValues(pixels, (v) => v & 0b1110_0000);
}

/** Scales the distance to the film's mean by `factor`. */
export function contrast(pixels: Uint8Array, factor: number): Uint8Array {
  let sum = 0;
  for (const v of pixels) sum += v;
  const mean = sum / pixels.length;
  return mapValues(pixels, (v) => mean + (v - mean) * factor);
}

export function brightness(pixels: Uint8Array, factor: number): Uint8Array {
  return mapValues(pixels, (v) => v * factor);
}

/** v ↦ 255 · (v / 255)^exponent: another film or detector curve. */
export function gamma(pixels: Uint8Array, exponent: number): Uint8Array {
  return mapValues(pixels, (v) => 255 * (v / 255) ** exponent);
}

/**
 * Moves each pixel away from (factor > 1) or towards (factor < 1) its blurred value; the blur weighs the 3 × 3
 * neighbourhood 1 and the pixel itself 5, over 13. The border stays as it is.
 */
export function sharpness(pixels: Uint8Array, factor: number, size: number): Uint8Array {
  const result = pixels.slice();
  for (let y = 1; y < size - 1; y++) {
    for (let x = 1, i = y * size + 1; x < size - 1; x++, i++) {
      const up = i - size;
      const down = i + size;
      const ring =
        pixels[up - 1]! +
        pixels[up]! +
        pixels[up + 1]! +
        pixels[i - 1]! +
        pixels[i + 1]! +
        pixels[down - 1]! +
        pixels[down]! +
        pixels[down + 1]!;
      const blurred = (ring + 5 * pixels[i]!) / 13;
      result[i] = toByte(blurred + (pixels[i]! - blurred) * factor);
    }
  }
  return result;
}

/** Factor of the paper's operations at level 10 of 10 (oxnet.md §3). */
const PAPER_FACTOR = 1.9;

/** One is drawn per film, each as likely as the others; the first leaves the film as it is. */
export const PHOTOMETRIC_OPERATIONS: Readonly<
  Record<NonNullable<TrainingPlan['augmentation']['operations']>, readonly Photometric[]>
> = {
  varied: [
    (pixels) => pixels.slice(),
    (pixels) => autoContrast(pixels),
    equalize,
    solarize,
    posterize,
    (pixels, random) => contrast(pixels, random.between(0.5, 1.5)),
    (pixels, random) => brightness(pixels, random.between(0.6, 1.4)),
    (pixels, random, size) => sharpness(pixels, random.between(0.1, 1.9), size),
    (pixels, random) => gamma(pixels, Math.exp(random.between(-0.5, 0.5))),
  ],
  paper: [
    (pixels) => pixels.slice(),
    (pixels) => autoContrast(pixels, 0),
    equalize,
    solarize,
    posterize,
    (pixels) => contrast(pixels, PAPER_FACTOR),
    (pixels) => brightness(pixels, PAPER_FACTOR),
    (pixels, _random, size) => sharpness(pixels, PAPER_FACTOR, size),
    (pixels) => pixels.slice(), // colour, which grey has none of
  ],
};

/** Largest side of the black square as a share of the film's side: 98 of 512 pixels in the reference. */
export const CUTOUT_SHARE = 98 / 512;

/** Paints one black square, clipped to the film, onto `pixels` itself. */
export function cutout(pixels: Uint8Array, random: Random, size: number): void {
  const half = Math.max(1, Math.round((random.between(0, CUTOUT_SHARE) * size) / 2));
  const centreX = random.below(size);
  const centreY = random.below(size);
  for (let y = Math.max(0, centreY - half); y < Math.min(size, centreY + half); y++) {
    pixels.fill(0, y * size + Math.max(0, centreX - half), y * size + Math.min(size, centreX + half));
  }
}

function histogram(pixels: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (const v of pixels) counts[v]!++;
  return counts;
}

/** Through a table of the 256 grey values: the formula runs 256 times, however large the film. */
function mapValues(pixels: Uint8Array, formula: (value: number) => number): Uint8Array {
  const table = Uint8Array.from({ length: 256 }, (_, v) => toByte(formula(v)));
  const result = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) result[i] = table[pixels[i]!]!;
  return result;
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
}
