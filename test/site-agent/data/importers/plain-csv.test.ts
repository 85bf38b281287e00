import { expect } from 'chai';
import { plainCsvImporter } from '@fedoxnet/site-agent/data/importers/plain-csv';
import { ImportFolder } from './support/import-folder.js';
import { ABSENT, PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of plain CSV', () => {
  const folder = new ImportFolder();

  it('labels, absences, boxes and films without a reading', async () => {
    await folder.films(['a.png', 'b.png', 'c.png', 'd.png'], 100, 100);
    await folder.table(
      'site.csv',
      'film;patient;label;present;x;y;width;height;view;sex;age;split',
      'a.png;1;Mass;;10;20;30;40;PA;Female;61;',
      'a.png;1;Nodule;0;;;;;;;;',
      'b.png;1;No Finding;1;;;;;AP;m;9;',
      'c.png;2;;;;;;;;;;val',
      'd.png;3;Nodule;-1;;;;;;;;',
      'd.png;4;Mass;1;;;;;;;;',
      'd.png;3;Mass;1;1;2;3;;;;;',
      'd.png;3;Mass;0;1;2;3;4;;;;',
    );
    const { refused, films, patients } = await folder.run(plainCsvImporter(null), {
      split: { by: 'source', val: 0 },
      uncertain: 'present',
    });
    expect([films, patients]).to.deep.equal([
      { train: 3, val: 1 },
      { train: 2, val: 1 },
    ]);
    expect(refused.map(({ line }) => line)).to.deep.equal([7, 8, 9]);
    expect(refused[0]?.reason).to.equal('d.png has another patient in line 6');
    const a = await folder.film('a.png');
    expect(a).to.deep.include({
      view: 'PA',
      sex: 'F',
      ageBand: '60-79',
      readings: { Mass: PRESENT, Nodule: ABSENT },
    });
    expect((await folder.film('b.png')).readings).to.deep.equal({ Mass: ABSENT, Nodule: ABSENT });
    expect((await folder.film('c.png')).readings).to.deep.equal({});
    expect((await folder.film('d.png')).readings).to.deep.equal({ Nodule: PRESENT });
  });
});
