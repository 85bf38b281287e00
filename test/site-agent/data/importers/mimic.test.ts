import { expect } from 'chai';
import { CHEXPERT_FINDINGS } from '@fedoxnet/site-agent/data/importers/chexpert-findings';
import { mimicImporter } from '@fedoxnet/site-agent/data/importers/mimic';
import { rejection } from '../../../support/rejection.js';
import { ImportFolder } from './support/import-folder.js';
import { PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of MIMIC-CXR', () => {
  const folder = new ImportFolder();

  it('a film without labels is unlabelled, a lateral or unknown view is refused', async () => {
    const meta = 'dicom_id,subject_id,study_id,ViewPosition,ViewCodeSequence_CodeMeaning';
    const findings = CHEXPERT_FINDINGS.join();
    await folder.films(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg']);
    await folder.table(
      'mimic-cxr-2.0.0-metadata.csv',
      meta,
      'a,1,10,AP,',
      'b,1,10,LATERAL,lateral',
      'c,2,20,,postero-anterior',
      'd,3,30,,',
      'e,9,10,PA,',
    );
    await folder.table(
      'mimic-cxr-2.0.0-negbio.csv',
      `subject_id,study_id,${findings}`,
      `1,10,${',1.0'.repeat(1)}${','.repeat(12)}`,
      `1,10${','.repeat(14)}`,
    );
    const { films, refused } = await folder.run(mimicImporter('negbio'));
    expect(films.train).to.equal(2);
    expect(refused.map(({ line, reason }) => [line, reason])).to.deep.equal([
      [3, 'b is LATERAL, not frontal'],
      [5, 'd is of no known view, not frontal'],
      [6, 'study 10 belongs to another subject in the table of labels'],
      [3, 'study 10 is listed twice'],
    ]);
    expect((await folder.film('a.jpg')).readings).to.deep.equal({ 'Enlarged Cardiomediastinum': PRESENT });
    expect(await folder.film('c.jpg')).to.deep.include({ readings: {}, view: 'PA' });
    expect((await rejection(folder.run(mimicImporter('chexpert')))).message).to.include(
      'mimic-cxr-*-chexpert.csv',
    );
  });
});
