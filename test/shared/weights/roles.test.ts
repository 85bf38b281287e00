import { expect } from 'chai';
import { updateMasses } from '@fedoxnet/shared/weights/roles';

const masses = {
  films: 4,
  positives: 2.5,
  classRows: [1, 0],
  globalRows: [0.5, 3],
  prototypeRows: [0, 0],
};

describe('masses of an update', () => {
  it('are taken when finite and not negative', () => {
    expect(updateMasses.parse(masses)).to.deep.equal(masses);
  });

  for (const [what, changes] of [
    ['negative films', { films: -1 }],
    ['films without number', { films: NaN }],
    ['infinite positives', { positives: Infinity }],
    ['a row that would swamp every sum', { classRows: [1e300, 1] }],
    ['a row that is not a number', { globalRows: [NaN] }],
    ['a negative row', { prototypeRows: [-1e-9] }],
    ['more rows than a plan has classes', { classRows: new Array<number>(65).fill(1) }],
    ['no rows', { globalRows: undefined }],
  ] as const) {
    it(`are refused with ${what}`, () => {
      expect(updateMasses.safeParse({ ...masses, ...changes }).success).to.equal(false);
    });
  }
});
