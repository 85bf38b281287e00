/** How often something is turned clockwise by 90 degrees. */
export type QuarterTurns = 0 | 1 | 2 | 3;

/** x1, y1, x2, y2. */
type Corners = readonly [number, number, number, number];

/** A square film, turned. @param pixels [size · size], row-major */
export function turnSquare(pixels: Uint8Array, size: number, turns: QuarterTurns): Uint8Array {
  let turned = pixels;
  for (let n = 0; n < turns; n++) {
    const before = turned;
    // What was the left column, from below upward, becomes the top row.
    turned = before.map((_, i) => before[(size - 1 - (i % size)) * size + Math.floor(i / size)] as number);
  }
  return turned;
}

/**
 * Where a box on the turned square lies on the square before it was turned. A turn takes the point (x, y) to (size − y, x), so
 * one turn back takes it to (y, size − x).
 */
export function turnBack(box: Corners, size: number, turns: QuarterTurns): Corners {
  let [x1, y1, x2, y2] = box;
  for (let n = 0; n < turns; n++) [x1, y1, x2, y2] = [y1, size - x2, y2, size - x1];
  return [x1, y1, x2, y2];
}
