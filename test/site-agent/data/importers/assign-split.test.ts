import { expect } from 'chai';
import { assignSplits } from '@fedoxnet/site-agent/data/importers/assign-split';

const films = Array.from({ length: 5000 }, (_, index) => ({ patient: `patient ${index % 2500}` }));
const byPatient = (val: number) => assignSplits(films, { by: 'patient', val });

describe('assignSplits', () => {
  it('gives each patient one side, whatever the order, and about the wanted share', () => {
    const splits = byPatient(0.2);
    expect(splits.size).to.equal(2500);
    const held = [...splits.values()].filter((split) => split === 'val').length;
    expect(held).to.be.within(430, 570); // 500, and 3.5 standard deviations of 20 to either side
    const reversed = assignSplits([...films].reverse(), { by: 'patient', val: 0.2 });
    expect([...reversed].sort()).to.deep.equal([...splits].sort());
  });

  it('moves no patient back when more are held out', () => {
    const [few, more] = [byPatient(0.1), byPatient(0.3)];
    for (const [patient, split] of few) if (split === 'val') expect(more.get(patient)).to.equal('val');
    expect([...byPatient(0).values()]).to.not.include('val');
    expect([...byPatient(1).values()]).to.not.include('train');
  });

  it('follows the publisher, and holds out all films of a patient of whom one is held out', () => {
    const published = [
      { patient: 'a', split: 'train' as const },
      { patient: 'a', split: 'val' as const },
      { patient: 'a', split: 'train' as const },
      { patient: 'b', split: 'train' as const },
      { patient: 'c' },
    ];
    for (const order of [published, [...published].reverse()]) {
      const splits = assignSplits(order, { by: 'source', val: 1 });
      expect(Object.fromEntries(splits)).to.deep.equal({ a: 'val', b: 'train', c: 'val' });
    }
    expect(assignSplits(published, { by: 'patient', val: 0 }).get('a')).to.equal('train');
  });
});
