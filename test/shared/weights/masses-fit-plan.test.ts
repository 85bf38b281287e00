import { expect } from 'chai';
import { whyMassesMisfit } from '@fedoxnet/shared/weights/masses-fit-plan';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { samplePlan } from '../study/sample-plan.js';

/** 20 steps of batches of 4: 80 exposures; films of 128 pixels. */
const EXPOSURES = 80;

describe('masses of an update', () => {
  const most: UpdateMasses = {
    films: EXPOSURES,
    positives: EXPOSURES * 128 * 128,
    classRows: [EXPOSURES, EXPOSURES],
    globalRows: [EXPOSURES, 0],
    prototypeRows: [0, EXPOSURES],
  };
  const tried = (change: Partial<UpdateMasses>): string | null =>
    whyMassesMisfit({ ...most, ...change }, samplePlan);

  it('may be as much as steps and batches can show, or nothing', () => {
    expect(tried({})).to.equal(null);
    expect(
      tried({ films: 0, positives: 0, classRows: [0, 0], globalRows: [0, 0], prototypeRows: [0, 0] }),
    ).to.equal(null);
  });

  it('are refused one above that', () => {
    expect(tried({ films: EXPOSURES + 1 })).to.equal('has 81 films, more than the 80 that 20 steps can show');
    expect(tried({ positives: most.positives + 1 })).to.contain('more than anchors');
    expect(tried({ classRows: [81, 0] })).to.equal('has 81 in classRows, more than its 80 films');
    expect(tried({ films: 40, classRows: [40, 41], globalRows: [0, 0] })).to.equal(
      'has 41 in classRows, more than its 40 films',
    );
    expect(tried({ globalRows: [0, 1e21] })).to.contain('in globalRows');
    expect(tried({ prototypeRows: [81, 0] })).to.contain('in prototypeRows');
  });

  it('allow for sums in single precision, and for nothing more', () => {
    expect(tried({ prototypeRows: [80.05, 0] })).to.equal(null);
    expect(tried({ prototypeRows: [80.1, 0] })).to.not.equal(null);
  });

  it('have one entry for each class', () => {
    for (const field of ['classRows', 'globalRows', 'prototypeRows'] as const) {
      for (const rows of [[1], [1, 1, 1], []]) {
        expect(tried({ [field]: rows })).to.equal(`gives ${rows.length} ${field} for 2 classes`);
      }
    }
  });

  it('rest on as many films for each prototype as the plan asks for, where it asks', () => {
    const plan = { ...samplePlan, aggregation: { ...samplePlan.aggregation, prototypeFilms: 5 } };
    const of = (prototypeRows: number[], prototypeFilms?: number[]): string | null =>
      whyMassesMisfit({ ...most, prototypeRows, ...(prototypeFilms && { prototypeFilms }) }, plan);
    expect(of([0, 3], [0, 5])).to.equal(null);
    expect(of([0, 3], [5, 4])).to.equal('has a prototype of Nodule from 4 films, fewer than 5');
    expect(of([1, 3])).to.equal('has a prototype of Cardiomegaly from 0 films, fewer than 5');
    expect(of([0, 0])).to.equal(null);
  });
});
