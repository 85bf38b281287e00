import type { GreyPlane } from '../grey-plane.js';

/** Mean grey of each cell of a grid laid over the film, [rows · columns]; a pixel belongs to one cell. */
export function areaMean({ width, height, pixels }: GreyPlane, columns: number, rows: number): Float64Array {
  const sums = new Float64Array(columns * rows);
  const counts = new Uint32Array(columns * rows);
  const starts = Uint32Array.from({ length: columns + 1 }, (_, column) =>
    Math.ceil((column * width) / columns),
  );
  for (let y = 0; y < height; y++) {
    const first = Math.floor((y * rows) / height) * columns;
    for (let column = 0; column < columns; column++) {
      const [from, to] = [starts[column] as number, starts[column + 1] as number];
      let sum = 0;
      for (let at = y * width + from; at < y * width + to; at++) sum += pixels[at] as number;
      const cell = first + column;
      sums[cell] = (sums[cell] as number) + sum;
      counts[cell] = (counts[cell] as number) + to - from;
    }
  }
  return sums.map((sum, cell) => sum / Math.max(1, counts[cell] as number));
}

/** The film at half its size, each pixel the mean of four; an odd last row or column is dropped. */
export function halved({ width, height, pixels }: GreyPlane): GreyPlane {
  const [columns, rows] = [width >> 1, height >> 1];
  const half = new Uint8Array(columns * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at = 2 * y * width + 2 * x;
      const sum =
        (pixels[at] as number) +
        (pixels[at + 1] as number) +
        (pixels[at + width] as number) +
        (pixels[at + width + 1] as number);
      half[y * columns + x] = (sum + 2) >> 2;
    }
  }
  return { width: columns, height: rows, pixels: half };
}
