import { expect } from 'chai';
import { cocoImporter } from '@fedoxnet/site-agent/data/importers/coco';
import { rejection } from '../../../support/rejection.js';
import { ImportFolder } from './support/import-folder.js';
import { BOX, PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of COCO files', () => {
  const folder = new ImportFolder();

  it('ids from zero and with gaps, crowds, and entries that are wrong by themselves', async () => {
    await folder.films(['a.png', 'b.png'], 100, 100);
    const annotation = (changes: object) => ({
      id: 1,
      image_id: 0,
      category_id: 0,
      bbox: [1, 2, 3, 4],
      area: 12,
      iscrowd: 0,
      ...changes,
    });
    await folder.write(
      'x.json',
      JSON.stringify({
        images: [
          { id: 0, file_name: 'a.png', width: 5, height: 5 },
          { id: 70, file_name: 'b.png' },
          { id: 70, file_name: 'c.png' },
          { id: 8 },
        ],
        categories: [
          { id: 0, name: 'Mass' },
          { id: 90, name: 'Nodule' },
        ],
        annotations: [
          annotation({}),
          annotation({ image_id: 5 }),
          annotation({ category_id: 1 }),
          annotation({ bbox: [1, 2, 3] }),
          annotation({ image_id: 70, iscrowd: 1, category_id: 90 }),
          annotation({ image_id: 70, bbox: [90, 0, 12, 5] }),
        ],
      }),
    );
    const { refused } = await folder.run(cocoImporter(null), { exhaustive: 'yes' });
    expect(refused.map(({ entry }) => entry)).to.deep.equal([
      'annotations[1]',
      'images[2]',
      'annotations[2]',
      'images[3]',
      'annotations[3]',
      'annotations[4]',
      'annotations[5]',
    ]);
    expect((await folder.film('a.png')).readings).to.deep.equal({ Mass: BOX, Nodule: BOX });
    expect((await folder.film('b.png')).readings).to.deep.equal({ Mass: PRESENT, Nodule: PRESENT });
  });

  it('stops at a file that is none, and asks which of two', async () => {
    await folder.write('x.json', '{"images": []}');
    expect((await rejection(folder.run(cocoImporter(null)))).message).to.include(
      'x.json is not COCO: annotations',
    );
    await folder.write('y.json', '{');
    expect((await rejection(folder.run(cocoImporter('y.json')))).message).to.include('y.json is not JSON');
    expect((await rejection(folder.run(cocoImporter(null)))).code).to.equal('USAGE');
    expect((await rejection(folder.run(cocoImporter('z.json')))).code).to.equal('DATA_MISSING');
  });
});
