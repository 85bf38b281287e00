import type { AttenuationPlane } from './attenuation-plane.js';
import { gaussianBlur } from './gaussian-blur.js';
import { drawMarker } from './marker-letter.js';
import type { Random } from '../random.js';
import type { Scanner } from './scanner.js';

/** Turns attenuation into an 8-bit picture: blur, characteristic curve, vignetting, quantum noise, marker, border. */
export function expose(film: AttenuationPlane, scanner: Scanner, random: Random): Uint8Array {
  const { size } = film;
  const attenuation = gaussianBlur(film.values, size, scanner.blur * size);
  const grey = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const index = row * size + column;
      const depth = attenuation[index] as number;
      const curve = 1 / (1 + Math.exp(-4 * scanner.contrast * (depth - scanner.exposure)));
      const radius2 = ((column + 0.5) / size - 0.5) ** 2 + ((row + 0.5) / size - 0.5) ** 2;
      // Fewer quanta arrive behind dense tissue, so its noise is larger: σ ∝ exp(attenuation / 2).
      const sigma = scanner.noise * Math.exp((depth - scanner.exposure) / 2);
      grey[index] =
        curve ** scanner.gamma * (1 - 2 * scanner.vignetting * radius2) + sigma * roughNormal(random);
    }
  }
  if (scanner.marker !== null) drawMarker(grey, size, scanner.marker);
  return collimated(grey, size, scanner.border);
}

/** Sum of three uniforms, scaled to variance 1: near enough to normal for noise, and fast. */
function roughNormal(random: Random): number {
  return (random.uniform() + random.uniform() + random.uniform() - 1.5) * 2;
}

function collimated(grey: Float32Array, size: number, border: number): Uint8Array {
  const width = Math.round(border * size);
  const pixels = new Uint8Array(size * size);
  for (let row = width; row < size - width; row++) {
    for (let column = width; column < size - width; column++) {
      const index = row * size + column;
      pixels[index] = Math.round(255 * Math.min(1, Math.max(0, grey[index] as number)));
    }
  }
  return pixels;
}
