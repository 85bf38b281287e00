import { expect } from 'chai';
import fc from 'fast-check';
import { krumChoice } from '@fedoxnet/coordinator/aggregation/robust/krum';
import type { AggregationPlan, RobustPlan, ServerPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { model, nextTensor, NO_MASS, type SmallUpdate } from './one-tensor.js';

const SEED = 20261;

const RULES: readonly (RobustPlan | undefined)[] = [
  undefined,
  { rule: 'median', hostile: 1 },
  { rule: 'trimmed-mean', hostile: 1 },
];
const SERVERS: readonly (ServerPlan | undefined)[] = [
  undefined,
  { optimizer: 'fedavgm', learningRate: 0.5, momentum: 0.9 },
  { optimizer: 'fedadagrad', learningRate: 0.1, beta1: 0, tau: 0.01 },
  { optimizer: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 },
  { optimizer: 'fedyogi', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.01 },
];
const PLANS = RULES.flatMap((robust) =>
  SERVERS.map((server): AggregationPlan => ({
    strategy: 'supervision-aware',
    prototypeDecay: 0,
    ...(robust === undefined ? {} : { robust }),
    ...(server === undefined ? {} : { server }),
  })),
);
const nameOf = ({ robust, server }: AggregationPlan): string =>
  `${robust?.rule ?? 'mean'} × ${server?.optimizer ?? 'fedavg'}`;

/** Two class rows of two channels each. */
const layout = model({ out: [2, 4] }, { out: { module: 'classSubnet', classAxis: 1 } });
const BASE = [1, -1, 2, -2, 3, -3, 4, -4];

// Sixteenths, whose sums are exact in any order.
const update: fc.Arbitrary<SmallUpdate> = fc.record({
  masses: fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
    .map((classRows) => ({ ...NO_MASS, films: 9, classRows: [...classRows] })),
  deltas: fc.record({
    out: fc.array(
      fc.integer({ min: -64, max: 64 }).map((value) => value / 16),
      { minLength: 8, maxLength: 8 },
    ),
  }),
});

describe('every strategy', () => {
  for (const plan of PLANS) {
    it(`does not depend on the order of the sites: ${nameOf(plan)}`, () => {
      const property = fc.property(fc.array(update, { minLength: 1, maxLength: 6 }), (updates) => {
        const next = nextTensor(plan, layout, updates, BASE, { tensor: 'out' });
        expect(nextTensor(plan, layout, updates.toReversed(), BASE, { tensor: 'out' })).to.deep.equal(next);
      });
      fc.assert(property, { seed: SEED, numRuns: 30 });
    });

    it(`keeps the numbers of a class that nobody speaks of: ${nameOf(plan)}`, () => {
      const property = fc.property(fc.array(update, { minLength: 1, maxLength: 6 }), (updates) => {
        const mute = updates.map((one) => ({ ...one, masses: { ...one.masses, classRows: [3, 0] } }));
        const next = nextTensor(plan, layout, mute, BASE, { tensor: 'out' });
        expect(next.filter((_, at) => at % 2 === 1)).to.deep.equal(BASE.filter((_, at) => at % 2 === 1));
      });
      fc.assert(property, { seed: SEED, numRuns: 30 });
    });

    it(`of sites that all say the same is that of one of them alone: ${nameOf(plan)}`, () => {
      const property = fc.property(update, fc.integer({ min: 3, max: 6 }), (one, sites) => {
        const alike = Array.from({ length: sites }, () => ({
          ...one,
          masses: { ...one.masses, classRows: [2, 2] },
        }));
        const alone: AggregationPlan = {
          strategy: plan.strategy,
          prototypeDecay: 0,
          ...(plan.server === undefined ? {} : { server: plan.server }),
        };
        const single = nextTensor(alone, layout, alike.slice(0, 1), BASE, { tensor: 'out' });
        const next = nextTensor(plan, layout, alike, BASE, { tensor: 'out' });
        next.forEach((value, at) => expect(value).to.be.closeTo(single[at] ?? NaN, 1e-6));
      });
      fc.assert(property, { seed: SEED, numRuns: 30 });
    });
  }

  it('that chooses whole updates chooses the same ones in any order', () => {
    const points = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 7, maxLength: 10 });
    const chosen = (at: readonly number[]): number[] => {
      const squares = Float64Array.from(at.flatMap((a) => at.map((b) => (a - b) ** 2)));
      const kept = krumChoice(squares, at.length, { hostile: 2, keep: 3 });
      return at.filter((_, index) => kept[index]).sort((a, b) => a - b);
    };
    fc.assert(
      fc.property(points, (at) => {
        // Of equal scores the first wins, and points that lie alike have equal ones.
        const apart = at.map((point, index) => point + 1 / (3 + index * index));
        expect(chosen(apart.toReversed())).to.deep.equal(chosen(apart));
      }),
      { seed: SEED, numRuns: 30 },
    );
  });
});
