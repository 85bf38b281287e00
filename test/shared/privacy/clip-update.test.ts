import { expect } from 'chai';
import fc from 'fast-check';
import { clipUpdate, deltaNorm } from '@fedoxnet/shared/privacy/clip-update';
import { applySteps, type SiteUpdate, type UpdateStep } from '@fedoxnet/shared/privacy/update-step';
import { expectRefusal } from '../refusal.js';

const round = { study: 'chest-two', site: 'hospital-a', round: 2, attempt: 1 };

function updateOf(...tensors: number[][]): SiteUpdate {
  return {
    delta: new Map(
      tensors.map((values, index) => [
        `t${index}`,
        { shape: [values.length], values: Float32Array.from(values) },
      ]),
    ),
    masses: { films: 1, positives: 0, classRows: [], globalRows: [], prototypeRows: [] },
  };
}
const valuesOf = (update: SiteUpdate): number[][] =>
  [...update.delta.values()].map(({ values }) => [...values]);

describe('clipUpdate', () => {
  // √(2² + 4² + 4²) = 6, over both tensors together
  const update = updateOf([2, -4], [4]);

  it('scales the whole delta to the bound, and leaves the one given as it was', () => {
    expect(deltaNorm(update.delta)).to.equal(6);
    const [first = [], second = []] = valuesOf(clipUpdate(3)(update, round));
    [1, -2, 2].forEach((value, at) => expect([...first, ...second][at]).to.be.closeTo(value, 1e-6));
    expect(valuesOf(update)).to.deep.equal([[2, -4], [4]]);
  });

  it('changes nothing at or below the bound', () => {
    expect(clipUpdate(6)(update, round)).to.equal(update);
    expect(deltaNorm(clipUpdate(5.99)(update, round).delta)).to.be.closeTo(5.99, 1e-6);
  });

  it('never leaves more than the bound, however the numbers are rounded', () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 });
    const property = fc.property(
      fc.array(number, { minLength: 1, maxLength: 50 }),
      fc.double({ noNaN: true, min: 1e-3, max: 1e3 }),
      (values, bound) => {
        expect(deltaNorm(clipUpdate(bound)(updateOf(values), round).delta)).to.be.at.most(bound);
      },
    );
    fc.assert(property, { seed: 20263, numRuns: 1000 });
  });

  it('refuses a delta that is not finite, naming site and round', () => {
    expectRefusal(() => clipUpdate(1)(updateOf([NaN]), round), 'TRAINING_DIVERGED', 'hospital-a in round 2');
  });

  it('refuses a bound that is no bound', () => {
    for (const bound of [0, -1, NaN]) expect(() => clipUpdate(bound)).to.throw(RangeError);
  });
});

describe('applySteps', () => {
  it('runs the steps in their order', () => {
    const addOne: UpdateStep = ({ masses }) => updateOf([4, 3].map((value) => value + masses.films));
    // [5, 4] clipped to norm 1, against clipping first and adding after
    const [clippedLast] = valuesOf(applySteps(updateOf([0, 0]), [addOne, clipUpdate(1)], round));
    expect(Math.hypot(...(clippedLast ?? []))).to.be.closeTo(1, 1e-6);
    expect(valuesOf(applySteps(updateOf([0, 0]), [clipUpdate(1), addOne], round))).to.deep.equal([[5, 4]]);
  });
});
