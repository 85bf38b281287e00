import { expect } from 'chai';
import {
  extendCurve,
  MAX_CURVE_POINTS,
  thinCurve,
  type CurvePoint,
} from '@fedoxnet/coordinator/rounds/curve';

const points = (count: number): CurvePoint[] =>
  Array.from({ length: count }, (_, index) => ({ step: index + 1, losses: { focal: index } }));

describe('the curve of a round', () => {
  it('is left alone while it is short', () => {
    expect(thinCurve(points(5), 5)).to.deep.equal(points(5));
  });

  it('keeps its ends and an even spread when it is thinned', () => {
    // 1 … 9 at 5 points: every second one.
    expect(thinCurve(points(9), 5).map(({ step }) => step)).to.deep.equal([1, 3, 5, 7, 9]);
  });

  it('stays bounded however long the round is', () => {
    let curve: CurvePoint[] = [];
    for (const point of points(3000)) curve = extendCurve(curve, point);
    expect(curve.length).to.be.below(2 * MAX_CURVE_POINTS);
    expect(curve[0]?.step).to.equal(1);
    expect(curve.at(-1)?.step).to.equal(3000);
  });

  it('forgets the steps that a trainer repeats from its checkpoint', () => {
    const curve = extendCurve(points(5), { step: 3, losses: { focal: 9 } });
    expect(curve.map(({ step }) => step)).to.deep.equal([1, 2, 3]);
  });
});
