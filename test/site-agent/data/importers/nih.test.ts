import { expect } from 'chai';
import { nihImporter } from '@fedoxnet/site-agent/data/importers/nih';
import { ImportFolder } from './support/import-folder.js';
import { PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of NIH ChestX-ray14', () => {
  const folder = new ImportFolder();
  const HEADER =
    'Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],';
  const entry = (name: string, labels: string, age = '058Y') =>
    `${name},${labels},0,${Number(name.slice(0, 8))},${age},M,PA,2682,2749,0.143,0.143,`;

  it('reads the first edition, its ages and its split lists', async () => {
    await folder.films([
      'images_001/images/00000001_000.png',
      'images_002/images/00000001_001.png',
      'i/00000002_000.png',
    ]);
    await folder.table(
      'Data_Entry_2017.csv',
      HEADER,
      entry('00000001_000.png', 'Cardiomegaly'),
      entry('00000001_001.png', 'No Finding', '414Y'),
      entry('00000002_000.png', 'Mass|Pleural_Thickening'),
    );
    await folder.write('train_val_list.txt', '00000001_000.png\n00000002_000.png');
    await folder.write('test_list.txt', '00000001_001.png\r\n');
    const summary = await folder.run(nihImporter, { split: { by: 'source', val: 0 } });
    expect(summary.films, 'both films of the patient whose one is in the test list').to.deep.equal({
      train: 1,
      val: 2,
    });
    const [first, second, third] = [
      await folder.film('1_000.png'),
      await folder.film('1_001.png'),
      await folder.film('2_000.png'),
    ];
    expect([first.patient === second.patient, first.patient === third.patient]).to.deep.equal([true, false]);
    expect([first.ageBand, second.ageBand]).to.deep.equal(['40-59', undefined]);
    expect(third.readings).to.deep.equal({ Mass: PRESENT, 'Pleural Thickening': PRESENT });
  });

  it('refuses boxes of films that are not listed, unknown labels, and films listed twice', async () => {
    await folder.films(['00000001_000.png']);
    await folder.table(
      'Data_Entry_2017_v2020.csv',
      HEADER,
      entry('00000001_000.png', 'Wart|Mass'),
      entry('00000001_000.png', 'Mass'),
    );
    await folder.table(
      'BBox_List_2017.csv',
      'Image Index,Finding Label,Bbox [x,y,w,h],,,',
      '00000009_000.png,Mass,1,2,3,4',
    );
    const { refused, films } = await folder.run(nihImporter);
    expect(films.train).to.equal(1);
    expect(refused).to.deep.equal([
      {
        file: 'BBox_List_2017.csv',
        line: 2,
        reason: '00000009_000.png is not in Data_Entry_2017_v2020.csv',
      },
      { file: 'Data_Entry_2017_v2020.csv', line: 2, reason: 'the label map does not know "Wart"' },
      { file: 'Data_Entry_2017_v2020.csv', line: 3, reason: '00000001_000.png is listed twice' },
    ]);
  });
});
