import { expect } from 'chai';
import { suppressNonMaxima } from '@fedoxnet/site-agent/evaluation/non-maximum-suppression';

/** Squares 10 wide at the given x: shifted by d they overlap by (10 − d) / (10 + d). */
const squares = (...xs: number[]) => Float32Array.from(xs.flatMap((x) => [x, 0, x + 10, 10]));

describe('suppressNonMaxima', () => {
  it('keeps the best of a heap and whatever is far enough from it', () => {
    // 1 beats 0 (9/11); 2 is 6 away from 1: overlap 4/16.
    expect(suppressNonMaxima(squares(0, 1, 7), [0.6, 0.9, 0.5], 0.5, 10)).to.deep.equal([1, 2]);
  });

  it('spares a box whose only rival was itself suppressed', () => {
    // 0 removes 1 (2/3); 2 overlaps 1 by 2/3, but 0 only by 6/14.
    expect(suppressNonMaxima(squares(0, 2, 4), [0.9, 0.8, 0.7], 0.5, 10)).to.deep.equal([0, 2]);
  });

  it('removes above the threshold, not at it', () => {
    // d = 6: overlap 4/16 = .25 exactly.
    expect(suppressNonMaxima(squares(0, 6), [0.9, 0.8], 0.25, 10)).to.deep.equal([0, 1]);
    expect(suppressNonMaxima(squares(0, 6), [0.9, 0.8], 0.2499, 10)).to.deep.equal([0]);
  });

  it('stops at its limit and prefers the lower index of equals', () => {
    expect(suppressNonMaxima(squares(0, 50, 100), [0.5, 0.5, 0.5], 0.5, 2)).to.deep.equal([0, 1]);
    expect(suppressNonMaxima(new Float32Array(0), [], 0.5, 5)).to.deep.equal([]);
  });
});
