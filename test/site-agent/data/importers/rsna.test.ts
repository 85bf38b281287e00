import { expect } from 'chai';
import { rsnaImporter } from '@fedoxnet/site-agent/data/importers/rsna';
import { ImportFolder } from './support/import-folder.js';
import { BOX } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of RSNA', () => {
  const folder = new ImportFolder();

  it('says that films count as patients without their origin, and refuses Target 1 without a box', async () => {
    await folder.films(['stage_2_train_images/a.png', 'stage_2_train_images/b.png']);
    await folder.table(
      'stage_2_train_labels.csv',
      'patientId,x,y,width,height,Target',
      'a,,,,,0',
      'b,,,,,1',
      'b,1,2,3,4,1',
      'a,1,2,3,4,2',
    );
    const { refused, notes, patients } = await folder.run(rsnaImporter);
    expect(patients.train).to.equal(2);
    expect(notes.join()).to.include('every film counts as a patient');
    expect(refused.map(({ line, reason }) => [line, reason])).to.deep.equal([
      [3, 'b has Target 1 and no box'],
      [5, 'column Target: is not 0 or 1'],
    ]);
    expect((await folder.film('a.png')).readings).to.deep.equal({ 'Lung Opacity': BOX });
    expect((await folder.film('b.png')).readings).to.deep.equal({ 'Lung Opacity': BOX });
  });
});
