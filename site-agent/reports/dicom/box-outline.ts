interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A box as a closed polyline of five points, clockwise from its top left corner: column and row of each. Both structured
 * reports (SCOORD) and presentation states (PIXEL) count as our boxes do, from the top left corner of the top left pixel,
 * in pixels of the whole film (PS3.3, C.18.6.1.2 and C.10.5.1.2).
 */
export function boxOutline({ x, y, width, height }: Box): number[] {
  const [right, bottom] = [x + width, y + height];
  return [x, y, right, y, right, bottom, x, bottom, x, y];
}
