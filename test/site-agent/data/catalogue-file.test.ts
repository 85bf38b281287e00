import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCatalogue, writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { Catalogue, FilmRecord } from '@fedoxnet/site-agent/data/film';
import { rejection } from '../../support/rejection.js';
import { filmRecord } from './support/film-record.js';

const film = (changes: Partial<FilmRecord> = {}): FilmRecord =>
  filmRecord('one', {
    ...{ width: 100, height: 80, patient: 'p1', readings: { Mass: { supervision: 'box' } } },
    ...changes,
  });
const listing = (...films: FilmRecord[]): Catalogue => ({
  version: 1,
  source: 'test',
  classes: ['Mass'],
  films,
});
const boxed = (x: number, width: number) => film({ boxes: [{ class: 'Mass', x, y: 0, width, height: 10 }] });

describe('catalogue file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-catalogue-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('comes back as it was written', async () => {
    const content = listing(boxed(3.25, 40.5), film({ id: 'two', patient: 'p2', split: 'val' }));
    await writeCatalogue(folder, content);
    expect(await readCatalogue(folder)).to.deep.equal(content);
  });

  it('allows a box one pixel over the border and refuses more', async () => {
    await writeCatalogue(folder, listing(boxed(61, 40)));
    await writeCatalogue(folder, listing(boxed(-1, 40)));
    for (const outside of [boxed(61.1, 40), boxed(-1.1, 40)]) {
      const error = await rejection(writeCatalogue(folder, listing(film({ id: 'zero' }), outside)));
      expect(error.code).to.equal('BOX_OUTSIDE_FILM');
      expect(error.message).to.contain('film 2 ("one")');
    }
  });

  it('writes nothing of a catalogue it refuses', async () => {
    await rejection(writeCatalogue(folder, listing(boxed(90, 40))));
    expect((await rejection(readCatalogue(folder))).code).to.equal('DATA_MISSING');
  });

  const wrong: [string, Catalogue, string][] = [
    ['an id twice', listing(film(), film()), 'earlier film'],
    ['a patient in both splits', listing(film(), film({ id: 'two', split: 'val' })), 'train and val'],
    [
      'a class that is not listed',
      listing(film({ readings: { Nodule: { supervision: 'box' } } })),
      '"Nodule"',
    ],
  ];
  for (const [name, content, text] of wrong) {
    it(`refuses ${name}`, async () => {
      const error = await rejection(writeCatalogue(folder, content));
      expect(error.code).to.equal('DATA_INVALID');
      expect(error.message).to.contain(text);
    });
  }

  it('names the file when it is not JSON, and the field when one is wrong', async () => {
    await writeFile(join(folder, 'catalogue.json'), '{"version":1,');
    expect((await rejection(readCatalogue(folder))).message).to.contain('catalogue.json');
    await writeFile(join(folder, 'catalogue.json'), JSON.stringify(listing(film({ width: -3 }))));
    const error = await rejection(readCatalogue(folder));
    expect(error.code).to.equal('DATA_INVALID');
    expect(error.message).to.contain('width');
  });
});
