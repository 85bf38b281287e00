import { expect } from 'chai';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { model, nextTensor, NO_MASS, stemOf, stems } from '../one-tensor.js';

const MEDIAN: AggregationPlan = {
  strategy: 'supervision-aware',
  prototypeDecay: 0,
  robust: { rule: 'median', hostile: 1 },
};

describe('the coordinate-wise median', () => {
  it('takes the middle of each coordinate', () => {
    const updates = stems([1, 9, -3], [5, 2, 100], [2, 4, 7]);
    expect(nextTensor(MEDIAN, stemOf(3), updates, [0, 10, 20])).to.deep.equal([2, 14, 27]);
  });

  it('takes the mean of the two in the middle when the number is even', () => {
    const updates = stems([1], [2], [4], [1000]);
    expect(nextTensor(MEDIAN, stemOf(1), updates, [0])).to.deep.equal([3]);
  });

  it('does not believe a mass', () => {
    const [honest, other, liar] = stems([1], [2], [50]);
    const updates = [honest!, other!, { ...liar!, masses: { ...NO_MASS, films: 1e20 } }];
    expect(nextTensor(MEDIAN, stemOf(1), updates, [0])).to.deep.equal([2]);
  });

  it('asks on a class row only the sites that label the class', () => {
    const layout = model({ out: [2, 2] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const site = (classRows: [number, number], out: number[]) => ({
      masses: { ...NO_MASS, classRows },
      deltas: { out },
    });
    const updates = [
      site([1, 0], [1, 99, 3, 99]),
      site([2, 3], [3, 2, 5, 3]),
      site([9, 4], [8, 6, 9, 7]),
      site([1, 1], [0, 7, 0, 8]),
    ];
    // class 0 (columns 0): {0, 1, 3, 8} and {0, 3, 5, 9}; class 1: {2, 6, 7} and {3, 7, 8}, without the first site
    expect(nextTensor(MEDIAN, layout, updates, [0, 0, 0, 0], { tensor: 'out' })).to.deep.equal([2, 6, 4, 7]);
  });

  it('keeps a row on which so few speak that the hostile may be half of them', () => {
    const layout = model({ out: [1, 2] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const honest = { masses: { ...NO_MASS, classRows: [4, 4] }, deltas: { out: [1, 1] } };
    const mute = { masses: { ...NO_MASS, classRows: [4, 0] }, deltas: { out: [2, 0] } };
    const liar = { masses: { ...NO_MASS, classRows: [9, 9] }, deltas: { out: [-50, -50] } };
    // class 0: the middle of {−50, 1, 2}; class 1: one honest site and a liar, who would have half of the say
    expect(nextTensor(MEDIAN, layout, [honest, mute, liar], [10, 10], { tensor: 'out' })).to.deep.equal([
      11, 10,
    ]);
  });

  it('is the same for slices of a tensor and pieces of a slice', () => {
    const layout = model({ out: [3, 2] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const updates = [3, 5, 7].map((factor) => ({
      masses: { ...NO_MASS, classRows: [1, factor] },
      deltas: { out: Array.from({ length: 6 }, (_, at) => (at * factor) % 11) },
    }));
    const base = [0, 0, 0, 0, 0, 0];
    const whole = nextTensor(MEDIAN, layout, updates, base, { tensor: 'out' });
    const cuts = [
      [0, 1],
      [1, 4],
      [4, 6],
    ] as const;
    const parts = cuts.flatMap((slice) =>
      nextTensor(MEDIAN, layout, updates, base.slice(...slice), { tensor: 'out', slice, step: 2 }),
    );
    expect(parts).to.deep.equal(whole);
  });
});
