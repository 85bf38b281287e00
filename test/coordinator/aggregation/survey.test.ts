import { expect } from 'chai';
import { verdictOf } from '@fedoxnet/coordinator/aggregation/survey';

describe('the verdict on updates', () => {
  it('shortens what is longer than the bound, the network and the prototypes apart', () => {
    // ‖Δ‖ of 3, 10 and 0, their prototypes 8, 1 and 0
    const survey = {
      squares: Float64Array.of(9, 0, 0, 0, 100, 0, 0, 0, 0),
      prototypeSquares: Float64Array.of(64, 1, 0),
    };
    expect(verdictOf({ normBound: 4 }, 3, survey)).to.deep.equal({
      kept: [true, true, true],
      factors: [1, 0.4, 1],
      prototypeFactors: [0.5, 1, 1],
    });
  });

  it('measures how far bounded updates lie apart', () => {
    // On a line at 1, 2, 3, 20 and −40, bound 3: at 1, 2, 3, 3 and −3. Two neighbours each: 2²+1² = 5, 1+1, 0+1, 0+1, 16+25.
    const points = [1, 2, 3, 20, -40];
    const squares = Float64Array.from(
      points.flatMap((a, i) => points.map((b, j) => (i === j ? a * a : (a - b) ** 2))),
    );
    const survey = { squares, prototypeSquares: new Float64Array(5) };
    const verdict = verdictOf({ normBound: 3, robust: { rule: 'krum', hostile: 1 } }, 5, survey);
    expect(verdict.kept).to.deep.equal([false, false, true, false, false]);
    expect(verdict.factors).to.deep.equal([1, 1, 1, 3 / 20, 3 / 40]);
  });

  it('leaves all as they are where the plan judges no update as a whole', () => {
    expect(verdictOf({}, 2, null)).to.deep.equal({
      kept: [true, true],
      factors: [1, 1],
      prototypeFactors: [1, 1],
    });
  });
});
