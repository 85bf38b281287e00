import { expect } from 'chai';
import fc from 'fast-check';
import { strategyOfPlan } from '@fedoxnet/coordinator/aggregation/strategy-of-plan';
import { FederationError } from '@fedoxnet/shared/errors';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { layoutOf, model, nextTensor, NO_MASS, stemOf } from './one-tensor.js';

const AWARE: AggregationPlan = { strategy: 'supervision-aware', prototypeDecay: 0 };
const PLAIN: AggregationPlan = { strategy: 'weighted-mean', prototypeDecay: 0 };

describe('the mean by masses', () => {
  const stem = stemOf(2);

  it('weights each site by its films', () => {
    const updates = [
      { masses: { ...NO_MASS, films: 1 }, deltas: { stem: [0, 4] } },
      { masses: { ...NO_MASS, films: 3 }, deltas: { stem: [4, 0] } },
    ];
    // 10 + (1·0 + 3·4)/4, 20 + (1·4 + 3·0)/4
    expect(nextTensor(PLAIN, stem, updates, [10, 20])).to.deep.equal([13, 21]);
  });

  it('gives a single site its own model, whatever its mass', () => {
    const updates = [{ masses: { ...NO_MASS, films: 7 }, deltas: { stem: [0.25, -0.5] } }];
    expect(nextTensor(AWARE, stem, updates, [1, 2])).to.deep.equal([1.25, 1.5]);
  });

  it('gives it back to the last bit, whatever the masses of its rows', () => {
    const layout = model({ out: [2, 2] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -4, max: 4 });
    const four = fc.array(number, { minLength: 4, maxLength: 4 });
    const mass = fc.double({ noNaN: true, min: 1e-9, max: 1e9 });
    fc.assert(
      fc.property(four, four, mass, mass, (base, deltas, one, two) => {
        const update = { masses: { ...NO_MASS, classRows: [one, two] }, deltas: { out: deltas } };
        const own = Float32Array.from(base, (value, at) => value + deltas[at]!);
        expect(nextTensor(AWARE, layout, [update], base, { tensor: 'out' })).to.deep.equal([...own]);
      }),
      { seed: 20262, numRuns: 500 },
    );
  });

  it('keeps the value where nobody brings mass', () => {
    const updates = [{ masses: NO_MASS, deltas: { stem: [5, 5] } }];
    expect(nextTensor(AWARE, stem, updates, [1, 2])).to.deep.equal([1, 2]);
  });

  it('lets only sites with boxes move the box subnet', () => {
    const layout = model({ box: [1] }, { box: { module: 'boxSubnet' } });
    const updates = [
      { masses: { ...NO_MASS, films: 1000 }, deltas: { box: [100] } },
      { masses: { ...NO_MASS, films: 1, positives: 2 }, deltas: { box: [3] } },
      { masses: { ...NO_MASS, films: 1, positives: 4 }, deltas: { box: [6] } },
    ];
    // (2·3 + 4·6)/6
    expect(nextTensor(AWARE, layout, updates, [0], { tensor: 'box' })).to.deep.equal([5]);
  });

  it('averages each class channel a·K + c over the sites that label class c', () => {
    // [1 input, A·K = 4 outputs]: channels 0 and 2 are class 0, channels 1 and 3 are class 1.
    const layout = model({ out: [1, 4] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const updates = [
      { masses: { ...NO_MASS, films: 9, classRows: [1, 0] }, deltas: { out: [4, 7, 8, 7] } },
      { masses: { ...NO_MASS, films: 9, classRows: [3, 2] }, deltas: { out: [0, 2, 4, 6] } },
    ];
    // class 0: (1·4 + 3·0)/4 = 1, (1·8 + 3·4)/4 = 5; class 1: only the second site
    expect(nextTensor(AWARE, layout, updates, [0, 0, 0, 0], { tensor: 'out' })).to.deep.equal([1, 2, 5, 6]);
  });

  it('follows the class axis through the axes behind it', () => {
    // [K = 2, 2]: row 0 is class 0, row 1 is class 1.
    const layout = model({ head: [2, 2] }, { head: { module: 'globalHead', classAxis: 0 } });
    const updates = [{ masses: { ...NO_MASS, globalRows: [1, 0] }, deltas: { head: [1, 1, 1, 1] } }];
    expect(nextTensor(AWARE, layout, updates, [0, 0, 0, 0], { tensor: 'head' })).to.deep.equal([1, 1, 0, 0]);
  });

  it('moves prototypes slowly, and replaces one that is still empty', () => {
    const layout = model({ p: [2, 2] }, { p: { module: 'prototypes', classAxis: 0 } });
    const updates = [
      { masses: { ...NO_MASS, prototypeRows: [1, 1] }, deltas: { p: [2, 4, 1, 1] } },
      { masses: { ...NO_MASS, prototypeRows: [3, 1] }, deltas: { p: [6, 8, 3, 3] } },
    ];
    // row 0: (1·2 + 3·6)/4, (1·4 + 3·8)/4, at once; row 1: 10 + (1 − .75)·2
    const next = nextTensor({ ...AWARE, prototypeDecay: 0.75 }, layout, updates, [0, 0, 10, 10], {
      tensor: 'p',
    });
    expect(next).to.deep.equal([5, 7, 10.5, 10.5]);
  });

  it('averages a prototype over the sites that have one, also where one weight is all that they have', () => {
    const layout = model({ p: [2, 1] }, { p: { module: 'prototypes', classAxis: 0 } });
    const updates = [
      { masses: { ...NO_MASS, films: 1, prototypeRows: [0.2, 0] }, deltas: { p: [4, 0] } },
      { masses: { ...NO_MASS, films: 3, prototypeRows: [0.1, 0.5] }, deltas: { p: [8, 6] } },
      { masses: { ...NO_MASS, films: 4 }, deltas: { p: [0, 0] } },
    ];
    // row 0: (1·4 + 3·8)/4; row 1: the second site's alone
    expect(nextTensor(PLAIN, layout, updates, [0, 0], { tensor: 'p' })).to.deep.equal([7, 6]);
  });

  it('does not depend on how an update was cut into slices', () => {
    const layout = model({ out: [3, 4] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const values = Array.from({ length: 12 }, (_, index) => index / 8);
    const updates = [{ masses: { ...NO_MASS, classRows: [2, 5] }, deltas: { out: values } }];
    const base = new Array<number>(12).fill(1);
    const whole = nextTensor(AWARE, layout, updates, base, { tensor: 'out' });
    for (const step of [1, 5, 7]) {
      expect(nextTensor(AWARE, layout, updates, base, { tensor: 'out', step })).to.deep.equal(whole);
    }
  });

  it('agrees with the plain formula, in any order of sites', () => {
    const site = fc.record({
      films: fc.integer({ min: 0, max: 500 }),
      deltas: fc.array(
        fc.integer({ min: -64, max: 64 }).map((value) => value / 16),
        { minLength: 2, maxLength: 2 },
      ),
    });
    fc.assert(
      fc.property(fc.array(site, { minLength: 1, maxLength: 6 }), (sites) => {
        const updates = sites.map(({ films, deltas }) => ({
          masses: { ...NO_MASS, films },
          deltas: { stem: deltas },
        }));
        const total = sites.reduce((sum, { films }) => sum + films, 0);
        const expected = [1, 2].map((base, index) => {
          const moved = sites.reduce((sum, { films, deltas }) => sum + films * (deltas[index] ?? 0), 0);
          return Math.fround(base + (total === 0 ? 0 : moved / total));
        });
        const forward = nextTensor(PLAIN, stem, updates, [1, 2]);
        const backward = nextTensor(PLAIN, stem, [...updates].reverse(), [1, 2]);
        forward.forEach((value, index) => expect(value).to.be.closeTo(expected[index] ?? NaN, 1e-6));
        expect(backward).to.deep.equal(forward);
      }),
      { seed: 20260, numRuns: 50 },
    );
  });

  it('gives the same for a tensor that was cut in two', () => {
    const layout = model({ out: [3, 4] }, { out: { module: 'classSubnet', classAxis: 1 } });
    const out = Array.from({ length: 12 }, (_, index) => index / 8);
    const updates = [
      { masses: { ...NO_MASS, classRows: [2, 5] }, deltas: { out } },
      { masses: { ...NO_MASS, classRows: [1, 3] }, deltas: { out: out.toReversed() } },
    ];
    const base = new Array<number>(12).fill(1);
    const whole = nextTensor(AWARE, layout, updates, base, { tensor: 'out' });
    const parts = (
      [
        [0, 5],
        [5, 12],
      ] as const
    ).flatMap((slice) => nextTensor(AWARE, layout, updates, base.slice(...slice), { tensor: 'out', slice }));
    expect(parts).to.deep.equal(whole);
  });

  it('refuses numbers for places that the tensor does not have', () => {
    const tensor = layoutOf(stem, 'stem');
    const room = { sums: new Float64Array(2), held: new Float32Array(0) };
    const voices = { masses: [Float64Array.of(1)], factors: [1] };
    const sum = strategyOfPlan(PLAIN).combiner.sum({ tensor, begin: 0, end: 2 }, 2, voices, room);
    expect(() => sum.add(0, 1, Float32Array.of(1, 2)))
      .to.throw(FederationError)
      .with.property('code', 'WEIGHTS_INVALID');
  });
});
