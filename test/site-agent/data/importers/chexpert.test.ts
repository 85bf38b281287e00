import { expect } from 'chai';
import { chexpertImporter } from '@fedoxnet/site-agent/data/importers/chexpert';
import { CHEXPERT_FINDINGS } from '@fedoxnet/site-agent/data/importers/chexpert-findings';
import { ImportFolder } from './support/import-folder.js';
import { PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of CheXpert', () => {
  const folder = new ImportFolder();

  it('refuses laterals and answers that are none, and lets "No Finding" spare devices', async () => {
    const none = CHEXPERT_FINDINGS.map(() => '');
    const row = (
      path: string,
      view: string,
      answers: Partial<Record<(typeof CHEXPERT_FINDINGS)[number], string>>,
    ) =>
      [
        path,
        'Unknown',
        '0',
        view,
        view === 'Frontal' ? 'AP' : '',
        ...none.map((_, i) => answers[CHEXPERT_FINDINGS[i]!] ?? ''),
      ].join();
    const path = (patient: number, view: string) =>
      `CheXpert-v1.0/train/patient0000${patient}/study1/${view}.jpg`;
    await folder.films([path(1, 'view1_frontal'), path(2, 'view1_frontal')]);
    await folder.table(
      'train.csv',
      `Path,Sex,Age,Frontal/Lateral,AP/PA,${CHEXPERT_FINDINGS.join()}`,
      row(path(1, 'view1_frontal'), 'Frontal', { 'No Finding': '1.0', 'Support Devices': '1.0' }),
      row(path(1, 'view2_lateral'), 'Lateral', {}),
      row(path(2, 'view1_frontal'), 'Frontal', { Edema: '2.0' }),
      row('train/view1_frontal.jpg', 'Frontal', {}),
    );
    const { refused, classes } = await folder.run(chexpertImporter);
    expect(refused.map(({ line, reason }) => [line, reason])).to.deep.equal([
      [3, `${path(1, 'view2_lateral')} is lateral, not frontal`],
      [4, 'column Edema: is not 1, 0, -1 or empty'],
      [5, 'train/view1_frontal.jpg names no patient'],
    ]);
    const { readings } = await folder.film('view1_frontal.jpg');
    expect(readings['Support Devices']).to.deep.equal(PRESENT);
    expect(Object.keys(readings)).to.have.lengthOf(13); // 12 absent, 1 present
    expect(classes.filter(({ absent }) => absent.train === 1)).to.have.lengthOf(12);
  });
});
