/** Strokes of the lead letters in a box 0.6 wide and 1 high: pairs of points. */
const STROKES: Readonly<Record<'L' | 'R', readonly (readonly [number, number, number, number])[]>> = {
  L: [
    [0, 0, 0, 1],
    [0, 1, 0.6, 1],
  ],
  R: [
    [0, 0, 0, 1],
    [0, 0, 0.42, 0],
    [0.42, 0, 0.58, 0.14],
    [0.58, 0.14, 0.58, 0.34],
    [0.58, 0.34, 0.42, 0.5],
    [0.42, 0.5, 0, 0.5],
    [0.3, 0.5, 0.6, 1],
  ],
};

const HEIGHT = 0.05;

/** Burns the letter into `grey` (0 … 1, [size · size]) at the upper corner of the side it marks. */
export function drawMarker(grey: Float32Array, size: number, letter: 'L' | 'R'): void {
  const left = letter === 'L' ? 0.9 : 0.07; // the patient's left is on the right of the picture
  const top = 0.06;
  const thickness = Math.max(0.1, 0.9 / (HEIGHT * size)); // at least about a pixel
  for (let row = Math.floor((top - 0.02) * size); row < (top + HEIGHT + 0.02) * size; row++) {
    for (let column = Math.floor((left - 0.02) * size); column < (left + HEIGHT) * size; column++) {
      const x = ((column + 0.5) / size - left) / HEIGHT;
      const y = ((row + 0.5) / size - top) / HEIGHT;
      const distance = Math.min(...STROKES[letter].map((stroke) => distanceToStroke(x, y, stroke)));
      const ink = Math.min(1, Math.max(0, 1.5 - distance / (thickness / 2)));
      const index = row * size + column;
      if (ink > 0 && index < grey.length) grey[index] = Math.max(grey[index] as number, 0.96 * ink);
    }
  }
}

function distanceToStroke(
  x: number,
  y: number,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
): number {
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const t = Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
  return Math.hypot(x - x1 - t * (x2 - x1), y - y1 - t * (y2 - y1));
}
