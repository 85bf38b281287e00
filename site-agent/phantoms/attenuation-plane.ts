/** A rectangle in film fractions: 0 … 1 from the top left corner. */
export interface UnitBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** 0 below −softness/2, 1 above +softness/2, and a smooth step between: the edge of a round thing seen by X-rays. */
export function edge(distance: number, softness: number): number {
  const t = Math.min(1, Math.max(0, 0.5 + distance / softness));
  return t * t * (3 - 2 * t);
}

/** Length of the beam through a cylinder of radius 1, seen at `offset` from its axis; 1 on the axis, 0 outside. */
export function chord(offset: number): number {
  const inside = 1 - offset * offset;
  return inside > 0 ? Math.sqrt(inside) : 0;
}

/**
 * The film before it is a picture: how much each beam is weakened, in units of the mediastinum's attenuation.
 * Shapes are given in film fractions and add up, as they do in a body.
 */
export class AttenuationPlane {
  /** [size · size], row-major. */
  readonly values: Float32Array;

  constructor(readonly size: number) {
    this.values = new Float32Array(size * size);
  }

  /** Adds `amount(x, y)` to every pixel centre inside `bounds` (film fractions, may reach outside the film). */
  add(bounds: UnitBox, amount: (x: number, y: number) => number): void {
    const { size, values } = this;
    const right = Math.min(size, Math.ceil(bounds.x2 * size));
    const bottom = Math.min(size, Math.ceil(bounds.y2 * size));
    const left = Math.max(0, Math.floor(bounds.x1 * size));
    for (let row = Math.max(0, Math.floor(bounds.y1 * size)); row < bottom; row++) {
      const y = (row + 0.5) / size;
      for (let column = left; column < right; column++) {
        const index = row * size + column;
        values[index] = (values[index] as number) + amount((column + 0.5) / size, y);
      }
    }
  }

  /**
   * Adds a shape of which `coverage` (0 … 1) says how much of it lies at a point, `density` at full coverage.
   * @returns the tightest box around the pixels that are at least half covered; null when there are none.
   */
  addShape(
    bounds: UnitBox,
    density: number,
    coverage: (x: number, y: number) => number,
    shade: (x: number, y: number) => number = () => 1,
  ): UnitBox | null {
    let x1 = Infinity;
    let y1 = Infinity;
    let x2 = -Infinity;
    let y2 = -Infinity;
    this.add(bounds, (x, y) => {
      const covered = coverage(x, y);
      if (covered <= 0) return 0;
      if (covered >= 0.5) {
        x1 = Math.min(x1, x);
        x2 = Math.max(x2, x);
        y1 = Math.min(y1, y);
        y2 = Math.max(y2, y);
      }
      return density * covered * shade(x, y);
    });
    if (x2 < x1) return null;
    const half = 0.5 / this.size; // from pixel centres to the pixels' outer edges
    return { x1: x1 - half, y1: y1 - half, x2: x2 + half, y2: y2 + half };
  }

  /**
   * Adds a bent tube whose centre line is y = `centre(x)` between two columns, `radius` thick measured across it.
   * `profile` is its attenuation at an offset −1 … 1 from the centre line.
   */
  addBand(
    x1: number,
    x2: number,
    centre: (x: number) => number,
    radius: (x: number) => number,
    profile: (offset: number, x: number) => number,
  ): void {
    const { size, values } = this;
    const last = Math.min(size, Math.ceil(x2 * size));
    const step = 1 / size;
    for (let column = Math.max(0, Math.floor(x1 * size)); column < last; column++) {
      const x = (column + 0.5) * step;
      const middle = centre(x);
      const slope = (centre(x + step) - centre(x - step)) / (2 * step);
      const reach = radius(x) * Math.hypot(1, slope); // the tube's vertical cut is longer where it is steep
      const bottom = Math.min(size, Math.ceil((middle + reach) * size));
      for (let row = Math.max(0, Math.floor((middle - reach) * size)); row < bottom; row++) {
        const offset = ((row + 0.5) * step - middle) / reach;
        if (offset <= -1 || offset >= 1) continue;
        const index = row * size + column;
        values[index] = (values[index] as number) + profile(offset, x);
      }
    }
  }
}
