import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { importCxrManifest } from '@fedoxnet/site-agent/data/importers/cxr-manifest';
import { CXR_HOSPITALS } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { rejection } from '../../../support/rejection.js';
import { skipBecause } from '../../../support/skip-because.js';

/** The folder of real films beside the checkout; this file lies in test/dist/site-agent/data/importers. */
const REAL = fileURLToPath(new URL('../../../../../../shared/data', import.meta.url));

const HEADER = 'file,set,width,height,patient,labels,rsna_class,suggested_split';
const MANIFEST = [
  HEADER,
  'a.jpg,nih,512,512,n1,Cardiomegaly|Mass,,train', // NIH box: Cardiomegaly; Mass labelled only
  'b.jpg,nih,512,512,n2,Infiltration,Lung Opacity,train', // RSNA box alone
  'c.jpg,nih,512,512,n3,No Finding,,train', // labels alone
  'd.jpg,hannover,512,400,h1,COVID-19 (case level),,train',
  'e.jpg,nih,512,512,n4,Infiltration,No Lung Opacity / Not Normal,val', // both readings
  'f.jpg,hannover,512,400,h2,COVID-19 (case level),,val',
  'g.jpg,nih,512,512,n5,Cardiomegaly,Normal,train', // both readings, Cardiomegaly: to the NIH boxes
];
const BOXES = [
  'file,label,x,y,w,h',
  'a.jpg,Cardiomegaly,100,200,250,180',
  'b.jpg,Lung Opacity,50,60,100,120',
  'e.jpg,Infiltrate,10,20,30,40',
  'g.jpg,Cardiomegaly,90,210,260,170',
];

describe('importCxrManifest', () => {
  let source: string;
  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), 'fedoxnet-cxr-'));
    await write(MANIFEST, BOXES);
    for (const name of 'abcdefg') await writeFile(join(source, `${name}.jpg`), '');
  });
  afterEach(() => rm(source, { recursive: true }));

  const write = async (manifest: string[], boxes: string[]) => {
    await writeFile(join(source, 'manifest.csv'), manifest.join('\n'));
    await writeFile(join(source, 'boxes.csv'), boxes.join('\n'));
  };
  const out = () => join(source, 'site', 'data');
  const take = async (part: Parameters<typeof importCxrManifest>[0]['part']) => {
    const { catalogue } = await importCxrManifest({ source, out: out(), part });
    return catalogue.films;
  };
  const names = (films: { file: string }[]) => films.map(({ file }) => file.replace('../../', ''));

  it('divides the films by what was written about them', async () => {
    expect(names(await take('nih-boxes'))).to.include.members(['a.jpg', 'g.jpg']);
    expect(names(await take('rsna-boxes'))).to.include('b.jpg');
    expect(names(await take('nih-labels'))).to.deep.equal(['c.jpg']);
    expect(names(await take('unlabelled'))).to.deep.equal(['d.jpg']);
    expect(names(await take('held-out'))).to.deep.equal(['e.jpg']); // f carries no reading
  });

  it('reads a boxed label as boxed, an absent one as read, a label without box as present somewhere', async () => {
    const film = (await take('nih-boxes')).find(({ file }) => file.endsWith('a.jpg'));
    expect(film?.readings['Cardiomegaly']).to.deep.equal({ supervision: 'box' });
    expect(film?.readings['Mass']).to.deep.equal({ supervision: 'image', present: 1 });
    expect(film?.readings['Effusion']).to.deep.equal({ supervision: 'box' });
    expect(film?.readings['Lung Opacity']).to.equal(undefined);
    expect(film?.boxes).to.deep.equal([{ class: 'Cardiomegaly', x: 100, y: 200, width: 250, height: 180 }]);
  });

  it('hides the NIH labels from the RSNA hospital and every box from the label hospital', async () => {
    const rsna = (await take('rsna-boxes')).find(({ file }) => file.endsWith('b.jpg'));
    expect(rsna?.readings).to.deep.equal({ 'Lung Opacity': { supervision: 'box' } });
    const [labelled] = await take('nih-labels');
    expect(labelled?.boxes).to.deep.equal([]);
    expect(labelled?.readings['Mass']).to.deep.equal({ supervision: 'image', present: 0 });
    expect((await take('unlabelled'))[0]?.readings).to.deep.equal({});
  });

  it('scores a held-out film by both readings, with Infiltrate as Infiltration', async () => {
    const [film] = await take('held-out');
    expect(film?.boxes.map((box) => box.class)).to.deep.equal(['Infiltration']);
    expect(film?.readings['Lung Opacity']).to.deep.equal({ supervision: 'box' });
    expect(film?.readings['Infiltration']).to.deep.equal({ supervision: 'box' });
  });

  it('lets no patient name and no file name into ids', async () => {
    await take('nih-boxes');
    const films = (await readCatalogue(out())).films;
    expect(films.map(({ id, patient }) => id + patient).join()).to.not.match(/n1|n5|\ba\b/);
  });

  it('refuses rows whose film is not there, and names them', async () => {
    await rm(join(source, 'a.jpg'));
    const { refused, films } = await importCxrManifest({ source, out: out(), part: 'nih-boxes' });
    expect(refused).to.have.lengthOf(1);
    expect(refused[0]).to.include({ file: 'a.jpg', line: 2 });
    expect(films.train).to.equal(1);
  });

  const broken: [string, string[], string[], string, string][] = [
    [
      'a width that is no number',
      [HEADER, MANIFEST[1]!.replace('512', 'wide')],
      BOXES,
      'DATA_INVALID',
      'line 2, column width',
    ],
    ['a missing column', ['file,set', 'a.jpg,nih'], BOXES, 'DATA_INVALID', 'column width'],
    ['a row with too few fields', [HEADER, 'a.jpg,nih'], BOXES, 'DATA_INVALID', 'manifest.csv'],
    [
      'a film listed twice',
      [...MANIFEST, MANIFEST[1]!],
      BOXES,
      'DATA_INVALID',
      'line 9: a.jpg is listed twice',
    ],
    [
      'a box of an unlisted film',
      MANIFEST,
      [...BOXES, 'z.jpg,Mass,1,1,1,1'],
      'DATA_INVALID',
      'line 6: z.jpg',
    ],
    ['a box label nobody knows', MANIFEST, [...BOXES, 'a.jpg,Wart,1,1,1,1'], 'DATA_INVALID', 'column label'],
    ['a box outside its film', MANIFEST, [...BOXES, 'a.jpg,Mass,500,1,20,1'], 'BOX_OUTSIDE_FILM', 'a.jpg'],
  ];
  for (const [name, manifest, boxes, code, text] of broken) {
    it(`stops at ${name} and writes nothing`, async () => {
      await write(manifest, boxes);
      const error = await rejection(importCxrManifest({ source, out: out(), part: 'nih-boxes' }));
      expect(error.code).to.equal(code);
      expect(error.message).to.contain(text).and.not.contain('\n');
      expect(existsSync(out())).to.equal(false);
    });
  }

  it('says which file is missing', async () => {
    await rm(join(source, 'manifest.csv'));
    const error = await rejection(importCxrManifest({ source, out: out(), part: 'nih-boxes' }));
    expect(error.code).to.equal('DATA_MISSING');
    expect(error.message).to.contain('manifest.csv');
  });
});

describe('importCxrManifest on the real films', () => {
  let folder: string;
  before(async function () {
    if (!existsSync(join(REAL, 'manifest.csv'))) skipBecause(this, `no real films at ${REAL}`);
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-real-'));
    await mkdir(folder, { recursive: true });
  });
  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  it('divides patients without overlap, and every held-out film is at one hospital', async () => {
    const hospitals = await Promise.all(
      CXR_HOSPITALS.map((part) => importCxrManifest({ source: REAL, out: join(folder, part), part })),
    );
    const patients = hospitals.map(({ catalogue }) => new Set(catalogue.films.map(({ patient }) => patient)));
    const all = patients.flatMap((set) => [...set]);
    expect(new Set(all).size).to.equal(all.length);
    const heldOut = await importCxrManifest({
      source: REAL,
      out: join(folder, 'held-out'),
      part: 'held-out',
    });
    const atHospitals = hospitals.flatMap(({ catalogue }) =>
      catalogue.films.filter(({ split }) => split === 'val').map(({ id }) => id),
    );
    expect(atHospitals.sort()).to.deep.equal(heldOut.catalogue.films.map(({ id }) => id).sort());
    // Facts of the tables: 93 + 24 Cardiomegaly boxes, 263 + 37 Lung Opacity boxes, 70 held-out films with an RSNA reading.
    const row = (index: number, name: string) =>
      hospitals[index]?.classes.find((entry) => entry.class === name);
    expect(row(0, 'Cardiomegaly')?.boxes).to.deep.equal({ train: 93, val: 24 });
    const truth = heldOut.classes.find((entry) => entry.class === 'Lung Opacity');
    expect(truth?.boxes.val).to.equal(37);
    expect(truth?.boxRead.val).to.equal(70);
    const film = heldOut.catalogue.films[0];
    await readFile(resolve(folder, 'held-out', film?.file ?? '')); // the path leads to the film
  });
});
