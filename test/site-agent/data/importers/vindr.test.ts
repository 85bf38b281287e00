import { expect } from 'chai';
import { vindrImporter } from '@fedoxnet/site-agent/data/importers/vindr';
import { rejection } from '../../../support/rejection.js';
import { ImportFolder } from './support/import-folder.js';
import { ABSENT, BOX, PRESENT } from './support/readings.js';

/** What the real fixtures do not hold: odd rows. */
describe('import of VinDr-CXR and VinBigData', () => {
  const folder = new ImportFolder();

  it('VinDr-CXR: explicit 0 and 1 of each reader, tables whose columns differ, films held out', async () => {
    await folder.films(['train/a.png', 'train/b.png', 'test/c.png']);
    const box = 'image_id,rad_id,class_name,x_min,y_min,x_max,y_max';
    await folder.table(
      'annotations/annotations_train.csv',
      box,
      'a,R1,Nodule/Mass,100,100,200,200',
      'a,R2,Nodule/Mass,110,100,210,200',
      'a,R3,No finding,,,,',
      'b,R1,No finding,,,,',
    );
    await folder.table(
      'annotations/annotations_test.csv',
      'image_id,class_name,x_min,y_min,x_max,y_max',
      'c,Cardiomegaly,1,2,30,40',
    );
    await folder.table(
      'annotations/image_labels_train.csv',
      'image_id,rad_id,Nodule/Mass,COPD,Other diseases,No finding',
      'a,R1,1,1,0,0',
      'a,R2,1,0,0,0',
      'a,R3,0,0,0,1',
      'b,R1,0,0,0,1',
    );
    await folder.table(
      'annotations/image_labels_test.csv',
      'image_id,Cardiomegaly,COPD,Other disease,No finding',
      'c,1,0,1,0',
    );
    const importer = vindrImporter('vindr', { by: 'consensus', readers: 2, overlap: 0.5 });
    const { films, refused } = await folder.run(importer, { split: { by: 'source', val: 0 } });
    expect([films, refused]).to.deep.equal([{ train: 2, val: 1 }, []]);
    const a = await folder.film('a.png');
    expect(a.boxes).to.deep.equal([{ class: 'Nodule/Mass', x: 105, y: 100, width: 100, height: 100 }]);
    // One of three readers saw COPD: disputed. Nobody saw another disease. Nobody was asked about Edema.
    expect(a.readings).to.deep.equal({ 'Nodule/Mass': BOX, 'Other diseases': ABSENT });
    const b = await folder.film('b.png');
    expect([b.readings['Nodule/Mass'], b.readings['COPD'], b.readings['Edema']]).to.deep.equal([
      BOX,
      ABSENT,
      BOX,
    ]);
    const c = await folder.film('c.png');
    expect(c.readings).to.deep.equal({ Cardiomegaly: BOX, COPD: ABSENT, 'Other diseases': PRESENT });
  });

  it('VinBigData: refuses several readers until it is told what to make of them', async () => {
    await folder.films(['train/a.png']);
    await folder.table(
      'train.csv',
      'image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max',
      'a,No finding,14,R1,,,,',
      'a,ILD,5,R2,1,1,2,2',
    );
    const { code, message } = await rejection(folder.run(vindrImporter('vinbigdata', null)));
    expect([code, message]).to.deep.equal([
      'USAGE',
      'a was read by 2 readers: say with --merge what to make of them.',
    ]);
    const other = await rejection(folder.run(vindrImporter('vinbigdata', { by: 'readers', names: ['R9'] })));
    expect(other.message).to.include('none of the chosen readers read a');
  });
});
