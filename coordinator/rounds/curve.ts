/** Losses of one site over the steps of a round, thinned so that a long round costs no more than a short one. */
export interface CurvePoint {
  readonly step: number;
  readonly losses: Readonly<Record<string, number>>;
}

export const MAX_CURVE_POINTS = 200;

/**
 * At most `limit` points, spread evenly over the steps; the first and the last are kept.
 * @param points steps rising
 */
export function thinCurve(points: readonly CurvePoint[], limit: number): CurvePoint[] {
  if (points.length <= limit) return [...points];
  const stride = (points.length - 1) / (limit - 1);
  return Array.from({ length: limit }, (_, index) => points[Math.round(index * stride)] as CurvePoint);
}

/** Appends a point; a step that is not after the last one starts the round anew (the trainer went back to a checkpoint). */
export function extendCurve(points: readonly CurvePoint[], point: CurvePoint): CurvePoint[] {
  const kept = points.filter(({ step }) => step < point.step);
  kept.push(point);
  return kept.length < 2 * MAX_CURVE_POINTS ? kept : thinCurve(kept, MAX_CURVE_POINTS);
}
