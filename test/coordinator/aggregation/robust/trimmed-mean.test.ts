import { expect } from 'chai';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { nextTensor, stemOf, stems } from '../one-tensor.js';

const plan = (hostile: number): AggregationPlan => ({
  strategy: 'supervision-aware',
  prototypeDecay: 0,
  robust: { rule: 'trimmed-mean', hostile },
});

describe('the trimmed mean', () => {
  it('leaves the smallest and the largest number of each coordinate out', () => {
    const updates = stems([1, -900], [2, 6], [6, 3], [1000, 0], [-7, 12]);
    // {−7, 1, 2, 6, 1000} → (1 + 2 + 6) / 3; {−900, 0, 3, 6, 12} → (0 + 3 + 6) / 3
    expect(nextTensor(plan(1), stemOf(2), updates, [10, 20])).to.deep.equal([13, 23]);
    // without two at each end: 2 and 3
    expect(nextTensor(plan(2), stemOf(2), updates, [10, 20])).to.deep.equal([12, 23]);
  });

  it('keeps a row on which so few sites speak that all may be hostile or cut away', () => {
    const two = stems([5], [7]);
    expect(nextTensor(plan(1), stemOf(1), two, [1])).to.deep.equal([1]);
    const three = stems([5], [7], [90]);
    expect(nextTensor(plan(1), stemOf(1), three, [1])).to.deep.equal([8]);
  });
});
