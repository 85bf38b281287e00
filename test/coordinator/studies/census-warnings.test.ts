import { expect } from 'chai';
import { censusWarnings } from '@fedoxnet/coordinator/studies/census-warnings';
import { censusOf } from './small-census.js';

const CLASSES = ['Mass', 'Effusion'];
const full = { Mass: { box: [20, 80] }, Effusion: { image: [20, 80] } } as const;
const kinds = (...told: Parameters<typeof censusOf>[0][]) =>
  censusWarnings(
    told.map((entry, index) => ({ site: `site-${index}`, census: censusOf(entry, CLASSES) })),
    CLASSES,
  ).map(({ kind, class: name, sites }) => [kind, name, ...sites]);

describe('censusWarnings', () => {
  it('says nothing before anybody told anything', () => {
    expect(censusWarnings([], CLASSES)).to.deep.equal([]);
  });

  it('names a class that nobody boxes, and one that nobody has', () => {
    expect(kinds(full)).to.deep.equal([['unboxed', 'Effusion']]);
    expect(kinds({ Mass: { box: [20, 80] }, Effusion: { image: [0, 100] } })).to.deep.equal([
      ['unlabelled', 'Effusion'],
    ]);
    expect(kinds(full, { Mass: { box: [20, 80] }, Effusion: { box: [20, 80] } })).to.deep.equal([]);
  });

  it('names a site whose label map lacks a class', () => {
    expect(
      kinds({ Mass: { box: [20, 80] }, Effusion: { box: [20, 80] } }, { Mass: { box: [20, 80] } }),
    ).to.deep.equal([['unmapped', 'Effusion', 'site-1']]);
  });

  it('never calls a withheld count missing', () => {
    const few = censusOf({ Mass: { box: [3, 97] }, Effusion: { box: [20, 80] } }, CLASSES, CLASSES, 5);
    expect(few.train.classes[0]?.boxPresent).to.equal(null);
    expect(censusWarnings([{ site: 'a', census: few }], CLASSES)).to.deep.equal([]);
  });

  // 20 of 100 against 40 of 400: pooled 0.12, error √(0.1056 · (1/100 + 1/400)) = 0.03633, z = 0.1 / 0.03633 = 2.75.
  // 30 of 100 against 40 of 400: pooled 0.14, error 0.03879, z = 0.2 / 0.03879 = 5.16.
  it('names a site whose prevalence is another and not by chance', () => {
    const against = (present: number) =>
      kinds(
        { Mass: { box: [present, 100 - present] }, Effusion: { box: [20, 80] } },
        { Mass: { box: [40, 360] }, Effusion: { box: [80, 320] } },
      );
    expect(against(20)).to.deep.equal([]);
    expect(against(30), 'of two sites the first is named').to.deep.equal([['prevalence', 'Mass', 'site-0']]);
    const third = { Mass: { box: [10, 90] }, Effusion: { box: [20, 80] } } as const;
    expect(kinds({ Mass: { box: [60, 40] }, Effusion: { box: [20, 80] } }, third, third)).to.deep.include([
      'prevalence',
      'Mass',
      'site-0',
    ]);
    const [warning] = censusWarnings(
      [
        { site: 'a', census: censusOf({ Mass: { box: [30, 70] } }, ['Mass']) },
        { site: 'b', census: censusOf({ Mass: { box: [10, 200], image: [30, 160] } }, ['Mass']) },
      ],
      ['Mass'],
    );
    expect(warning?.text).to.equal(
      'a finds Mass in 30 % of the films it can judge, the other sites in 10 %.',
    );
  });

  it('keeps quiet about few films, and about a difference of less than twice', () => {
    const two = (a: [number, number], b: [number, number]) =>
      kinds(
        { Mass: { box: a }, Effusion: { box: [20, 80] } },
        { Mass: { box: b }, Effusion: { box: [20, 80] } },
      );
    expect(two([29, 0], [10, 990])).to.deep.equal([]);
    expect(two([30, 0], [10, 990])).to.have.lengthOf(1);
    expect(two([500, 500], [260, 740])).to.deep.equal([]); // 50 % and 26 %
    expect(two([500, 500], [240, 760])).to.have.lengthOf(1);
  });
});
