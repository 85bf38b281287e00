import type { Placement } from './letterbox.js';

/**
 * Stretches grey values from their own minimum … maximum to 0 … 255 and places them on black, a square by default.
 * @param grey  [height · width] of 8 or 16 bits
 * @returns [rows · size]; a film of one value is black
 */
export function stretchGrey(
  grey: Uint16Array | Uint8Array,
  { left, top, width, height }: Pick<Placement, 'left' | 'top' | 'width' | 'height'>,
  size: number,
  rows = size,
): Uint8Array {
  let low = grey[0] ?? 0;
  let high = low;
  for (let i = 1; i < grey.length; i++) {
    const value = grey[i] as number;
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  const factor = high > low ? 255 / (high - low) : 0;
  // A table is twice as fast as the sum for each pixel.
  const table = Uint8Array.from({ length: high - low + 1 }, (_, value) => Math.round(value * factor));
  const pixels = new Uint8Array(rows * size);
  let from = 0;
  for (let row = 0; row < height; row++) {
    let to = (row + top) * size + left;
    for (const end = to + width; to < end; to++, from++) {
      pixels[to] = table[(grey[from] as number) - low] as number;
    }
  }
  return pixels;
}
