import { expect } from 'chai';
import { frocFromCounts } from '@fedoxnet/shared/evaluation/froc-from-counts';

describe('frocFromCounts', () => {
  it('reads the best sensitivity at each number of false positives per film', () => {
    // Four lesions on eight films. From the top: a hit (0 false), a miss with a hit in its bin (1 false: 1/8 per film),
    // seven misses (8: 1 per film), a hit.
    const matched = [
      [300, 1],
      [800, 1],
      [900, 1],
    ] as const;
    const unmatched = [
      [500, 7],
      [800, 1],
    ] as const;
    const { sensitivities, mean } = frocFromCounts(matched, unmatched, 4, 8);
    //                                     1/8  1/4  1/2   1     2     4     8
    expect(sensitivities).to.deep.equal([0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75]);
    expect(mean).to.be.closeTo((3 * 0.5 + 4 * 0.75) / 7, 1e-12);
  });

  it('shows a bin whole or not at all', () => {
    // One hit and two misses in one bin on one film: 2 false positives come with the hit.
    expect(frocFromCounts([[700, 1]], [[700, 2]], 1, 1).sensitivities).to.deep.equal([0, 0, 0, 0, 1, 1, 1]);
  });

  it('is null where there is nothing to find', () => {
    expect(frocFromCounts([], [[700, 2]], 0, 3)).to.deep.equal({ sensitivities: null, mean: null });
    expect(frocFromCounts([], [], 0, 0)).to.deep.equal({ sensitivities: null, mean: null });
  });
});
