import { expect } from 'chai';
import { chexpertImporter } from '@fedoxnet/site-agent/data/importers/chexpert';
import { CHEXPERT_FINDINGS } from '@fedoxnet/site-agent/data/importers/chexpert-findings';
import { cocoImporter } from '@fedoxnet/site-agent/data/importers/coco';
import { mimicImporter } from '@fedoxnet/site-agent/data/importers/mimic';
import { nihImporter } from '@fedoxnet/site-agent/data/importers/nih';
import { plainCsvImporter } from '@fedoxnet/site-agent/data/importers/plain-csv';
import { rsnaImporter } from '@fedoxnet/site-agent/data/importers/rsna';
import { vindrImporter } from '@fedoxnet/site-agent/data/importers/vindr';
import { rejection } from '../../../support/rejection.js';
import { ImportFolder } from './support/import-folder.js';

const BOX = { supervision: 'box' };
const PRESENT = { supervision: 'image', present: 1 };
const ABSENT = { supervision: 'image', present: 0 };

/** What the real fixtures do not hold: each format's odd rows. */
describe('formats', () => {
  const folder = new ImportFolder();

  describe('NIH', () => {
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
      expect([first.patient === second.patient, first.patient === third.patient]).to.deep.equal([
        true,
        false,
      ]);
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

  it('RSNA: says that films count as patients without their origin, and refuses Target 1 without a box', async () => {
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

  it('CheXpert: refuses laterals and answers that are none, and lets "No Finding" spare devices', async () => {
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

  it('MIMIC-CXR: a film without labels is unlabelled, a lateral or unknown view is refused', async () => {
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

  it('COCO: ids from zero and with gaps, crowds, and entries that are wrong by themselves', async () => {
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

  it('COCO: stops at a file that is none, and asks which of two', async () => {
    await folder.write('x.json', '{"images": []}');
    expect((await rejection(folder.run(cocoImporter(null)))).message).to.include(
      'x.json is not COCO: annotations',
    );
    await folder.write('y.json', '{');
    expect((await rejection(folder.run(cocoImporter('y.json')))).message).to.include('y.json is not JSON');
    expect((await rejection(folder.run(cocoImporter(null)))).code).to.equal('USAGE');
    expect((await rejection(folder.run(cocoImporter('z.json')))).code).to.equal('DATA_MISSING');
  });

  it('plain CSV: labels, absences, boxes and films without a reading', async () => {
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
