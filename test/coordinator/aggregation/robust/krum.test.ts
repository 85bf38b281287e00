import { expect } from 'chai';
import { krumChoice } from '@fedoxnet/coordinator/aggregation/robust/krum';

/** ‖a − b‖² of points on a line. */
function squaredDistances(points: readonly number[]): Float64Array {
  return Float64Array.from(points.flatMap((a) => points.map((b) => (a - b) ** 2)));
}

describe('Krum', () => {
  it('chooses the update whose n − f − 2 nearest others are nearest', () => {
    // n = 5, f = 1: two neighbours each. Scores: 0 → 1 + 9 = 10; 1 → 1 + 4 = 5; 3 → 4 + 1 = 5; 4 → 1 + 9 = 10; 100 → large.
    // 1 and 3 tie, and the first wins.
    const chosen = krumChoice(squaredDistances([0, 1, 3, 4, 100]), 5, { hostile: 1, keep: 1 });
    expect(chosen).to.deep.equal([false, true, false, false, false]);
  });

  it('of several, the best, and none that lies far out', () => {
    const points = [100, 0, 1, 3, 4, -50, 2];
    const chosen = krumChoice(squaredDistances(points), 7, { hostile: 2, keep: 3 });
    // three neighbours each: 0 → 1+4+9, 1 → 1+1+4 = 6, 3 → 1+1+4 = 6, 4 → 1+4+9, 2 → 1+1+4 = 6
    expect(points.filter((_, at) => chosen[at])).to.deep.equal([1, 3, 2]);
  });

  it('is not led by hostile updates that agree with each other', () => {
    const points = [0, 0.1, -0.1, 0.2, -0.2, 50, 50];
    const chosen = krumChoice(squaredDistances(points), 7, { hostile: 2, keep: 1 });
    expect(chosen.indexOf(true)).to.be.lessThan(5);
  });

  it('refuses to choose by chance: n < 2f + 3', () => {
    expect(() => krumChoice(squaredDistances([0, 1, 2, 3]), 4, { hostile: 1, keep: 1 })).to.throw(RangeError);
  });
});
