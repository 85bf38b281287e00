import { join } from 'node:path';
import { expect } from 'chai';
import type { ImportSummary } from '@fedoxnet/site-agent/data/importers/import-report';
import { chexpertImporter } from '@fedoxnet/site-agent/data/importers/chexpert';
import { cocoImporter } from '@fedoxnet/site-agent/data/importers/coco';
import { mimicImporter } from '@fedoxnet/site-agent/data/importers/mimic';
import { nihImporter } from '@fedoxnet/site-agent/data/importers/nih';
import { rsnaImporter } from '@fedoxnet/site-agent/data/importers/rsna';
import { vindrImporter } from '@fedoxnet/site-agent/data/importers/vindr';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { ImportFolder } from './support/import-folder.js';
import { needRealData, REAL_DATA } from './support/real-data.js';

/** [boxes, read by box, image present, image absent, unknown] of the training films. */
const row = ({ classes }: ImportSummary, name: string): number[] => {
  const found = classes.find((entry) => entry.class === name);
  if (found === undefined) throw new Error(`no class ${name}`);
  return [found.boxes, found.boxRead, found.present, found.absent, found.unknown].map(({ train }) => train);
};

// Counted by hand (and grep) in the tables; see README.md of the films for where they are from.
describe('published tables with real rows', function () {
  before(function () {
    needRealData(this);
  });
  const folder = new ImportFolder();
  const from = (path: string) => ({ source: join(REAL_DATA, path) });
  const thumbs = { films: join(REAL_DATA, 'cxr/nih'), grid: { width: 1024, height: 1024 } };

  it('NIH ChestX-ray14: 18 films of 17 patients, 17 boxes, one RGBA file, headers with commas', async () => {
    const summary = await folder.run(nihImporter, { ...from('native-nih'), verify: true });
    expect(summary.rows).to.deep.equal({ 'Data_Entry_2017_v2020.csv': 18, 'BBox_List_2017.csv': 17 });
    expect([summary.films, summary.patients]).to.deep.equal([
      { train: 18, val: 0 },
      { train: 17, val: 0 },
    ]);
    expect(summary.refused).to.deep.equal([]);
    // Two films are "No Finding"; a label without a box is present somewhere, every other film says nothing.
    expect(row(summary, 'Atelectasis')).to.deep.equal([2, 2, 1, 2, 13]);
    expect(row(summary, 'Cardiomegaly')).to.deep.equal([3, 3, 1, 2, 12]);
    expect(row(summary, 'Infiltration'), '2 boxes called Infiltrate').to.deep.equal([2, 2, 5, 2, 9]);
    expect(row(summary, 'Edema')).to.deep.equal([0, 0, 3, 2, 13]);
    expect(row(summary, 'Nodule')).to.deep.equal([2, 2, 3, 2, 11]);
    expect(row(summary, 'Hernia')).to.deep.equal([0, 0, 0, 2, 16]);
    const film = await folder.film('00009779_001.png');
    expect(film).to.include({ width: 1024, height: 1024, view: 'AP', sex: 'M', ageBand: '0-17' });
    expect(film.boxes[0]?.x).to.be.closeTo(711.9238, 1e-4);
    expect(film.meanGrey).to.be.within(1, 254);
  });

  it('RSNA 2018: 540 films that are NIH patients’, 300 boxes, Target 0 is a reading', async () => {
    const summary = await folder.run(rsnaImporter, { ...from('native-rsna'), ...thumbs });
    expect(summary.rows).to.deep.equal({ 'stage_2_train_labels.csv': 646, 'rsna_to_nih.csv': 540 });
    expect([summary.films.train, summary.patients.train]).to.deep.equal([540, 452]);
    expect(row(summary, 'Lung Opacity')).to.deep.equal([300, 540, 0, 0, 0]);
    expect(summary.refused).to.have.lengthOf(1); // c64d5667… is not in rsna_to_nih.csv
    expect(summary.refused[0]).to.include({ file: 'stage_2_train_labels.csv', line: 483 });
    const film = await folder.film('00000193_019.jpg');
    expect(film.boxes).to.have.lengthOf(2);
    expect(film.width).to.equal(512);
  });

  it('VinBigData: three readers where they agree that there is nothing, one where there is something', async () => {
    const importer = vindrImporter('vinbigdata', { by: 'fuse', overlap: 0.5 });
    const summary = await folder.run(importer, { ...from('format-fixtures/vinbigdata'), ...thumbs });
    expect(summary.rows).to.deep.equal({ 'train.csv': 74 });
    // 56 films, of which 9 are kept elsewhere.
    expect([summary.films.train, summary.refused.length]).to.deep.equal([47, 9]);
    expect(row(summary, 'Cardiomegaly')).to.deep.equal([11, 47, 0, 0, 0]);
    expect(row(summary, 'Effusion'), '"Pleural effusion"').to.deep.equal([2, 47, 0, 0, 0]);
    // 339.17,119.2 … 511.46,470.29 in the grid of 1024, halved.
    const [box] = (await folder.film('00000032_037.jpg')).boxes;
    expect([box?.class, box?.x, box?.y]).to.deep.equal(['Infiltration', 169.585, 59.6]);
    expect(box?.width).to.be.closeTo((511.46 - 339.17) / 2, 1e-9);
    expect((await folder.film('00001323_001.jpg')).readings['Cardiomegaly']).to.deep.equal({
      supervision: 'box',
    });
  });

  it('COCO: every box of 989 images, nothing negative without a word of the annotators', async () => {
    const unknown = await folder.run(cocoImporter(null), {
      ...from('format-fixtures/coco'),
      films: REAL_DATA,
    });
    expect(unknown.rows).to.deep.equal({ 'instances.json': 989 + 1086 });
    expect([unknown.films.train, unknown.refused]).to.deep.equal([989, []]);
    expect(row(unknown, 'Lung Opacity')).to.deep.equal([300, 0, 195, 0, 794]);
    expect(row(unknown, 'Nodule')[0]).to.equal(67);
    const exhaustive = { ...from('format-fixtures/coco'), films: REAL_DATA, out: join(folder.root, 'other') };
    const all = await folder.run(cocoImporter('instances.json'), { ...exhaustive, exhaustive: 'yes' });
    expect(row(all, 'Lung Opacity')).to.deep.equal([300, 989, 0, 0, 0]);
  });

  it('CheXpert: 1, 0, -1 and nothing are four different things', async () => {
    const table = from('format-fixtures/chexpert');
    const names = Array.from(
      { length: 40 },
      (_, i) => `train/patient${String(i + 1).padStart(5, '0')}/study1/view1_frontal.jpg`,
    );
    await folder.films(names);
    const run = (uncertain: 'unknown' | 'present' | 'absent') =>
      folder.run(chexpertImporter, { ...table, films: folder.source, uncertain });
    const summary = await run('unknown');
    expect([summary.films.train, summary.patients.train, summary.refused]).to.deep.equal([40, 40, []]);
    expect(row(summary, 'Cardiomegaly')).to.deep.equal([0, 0, 16, 0, 24]);
    expect(row(summary, 'Pneumothorax')).to.deep.equal([0, 0, 7, 5, 28]);
    expect(row(summary, 'Effusion')).to.deep.equal([0, 0, 10, 0, 30]);
    expect(row(summary, 'Lung Opacity'), '8 uncertain').to.deep.equal([0, 0, 0, 0, 40]);
    expect(row(await run('present'), 'Lung Opacity')).to.deep.equal([0, 0, 8, 0, 32]);
    expect(row(await run('absent'), 'Lung Opacity')).to.deep.equal([0, 0, 0, 8, 32]);
    const { films } = await readCatalogue(folder.out);
    const count = (is: (film: (typeof films)[number]) => boolean) => films.filter(is).length;
    expect([count(({ view }) => view === 'PA'), count(({ sex }) => sex === 'F')]).to.deep.equal([21, 22]);
    expect(count(({ ageBand }) => ageBand === '80+')).to.equal(2); // 80 and 85
  });

  it('MIMIC-CXR: labels of the study, the publisher’s split, plain or .gz', async () => {
    const table = from('format-fixtures/mimic-cxr');
    const { gzipSync } = await import('node:zlib');
    const { readFile, readdir } = await import('node:fs/promises');
    const ids = (await readFile(join(table.source, 'mimic-cxr-2.0.0-metadata.csv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',') as [string, string, string]);
    await folder.films(
      ids.map(([film, patient, study]) => `films/files/p10/p${patient}/s${study}/${film}.jpg`),
    );
    for (const name of await readdir(table.source))
      await folder.write(`tables/${name}.gz`, gzipSync(await readFile(join(table.source, name))));
    const options = { source: join(folder.source, 'tables'), films: join(folder.source, 'films') };
    const summary = await folder.run(mimicImporter('chexpert'), {
      ...options,
      split: { by: 'source', val: 1 },
    });
    expect([summary.films, summary.refused]).to.deep.equal([{ train: 7, val: 13 }, []]);
    const all = await folder.run(mimicImporter('chexpert'), options);
    expect(row(all, 'Atelectasis')).to.deep.equal([0, 0, 12, 0, 8]);
    expect(row(all, 'Effusion')).to.deep.equal([0, 0, 5, 0, 15]);
    const { films } = await readCatalogue(folder.out);
    expect(films.filter(({ view }) => view === 'AP')).to.have.lengthOf(12);
  });
});
