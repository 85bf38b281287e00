/** Stretches the first channel from its own minimum … maximum to 0 … 255 and places it on a black square. */
export function stretchGrey(
  grey: Uint16Array | Uint8Array,
  channels: number,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
  size: number,
): Uint8Array {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < grey.length; i += channels) {
    const value = grey[i] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const factor = high > low ? 255 / (high - low) : 0;
  const pixels = new Uint8Array(size * size);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = grey[(row * width + column) * channels] as number;
      pixels[(row + top) * size + column + left] = Math.round((value - low) * factor);
    }
  }
  return pixels;
}
