import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { importDicom, type DicomImportOptions } from '@fedoxnet/site-agent/data/door/import-dicom';
import { FilmRegister } from '@fedoxnet/site-agent/data/door/film-register';
import { plainCsvImporter } from '@fedoxnet/site-agent/data/importers/plain-csv';
import { discardFilm, releaseFilm } from '@fedoxnet/site-agent/data/quarantine/decide';
import { Quarantine } from '@fedoxnet/site-agent/data/quarantine/quarantine';
import { rejection } from '../../../support/rejection.js';
import { scratchFolder } from '../../agent/support/scratch.js';
import { negative, phantomDicom, turnedRight } from '../dicom/phantom-dicom.js';

describe('import of DICOM films', () => {
  const folder = scratchFolder();
  const source = () => join(folder(), 'source');
  const out = () => join(folder(), 'data');
  beforeEach(() => mkdir(source()));

  const put = (name: string, bytes: Uint8Array | string) => writeFile(join(source(), name), bytes);
  const run = (options: Partial<DicomImportOptions> = {}) =>
    importDicom({
      source: source(),
      out: out(),
      labels: null,
      val: 0,
      side: 1024,
      dryRun: false,
      threads: 2,
      timeLimitMs: 60_000,
      ...options,
    });
  const reasonsOf = async (id: string) =>
    (await new Quarantine(out()).get(id)).findings.map(({ reason }) => reason);

  it('keeps pixels and days, and what the hospital calls the film only in its private folder', async () => {
    await put('a', phantomDicom({ number: 1, patient: 'MRN-4711', date: '20200228' }));
    await put('b', phantomDicom({ number: 2, patient: 'MRN-4711', date: '20200302' }));
    await put('notes.txt', 'not a film');
    const { files } = await run();
    expect(files).to.deep.equal({ admitted: 2, quarantined: 0, repeated: 0, known: 0, other: 0 });
    const { films } = await readCatalogue(out());
    expect(films.map(({ day }) => day)).to.deep.equal([0, 3]); // 2020 had a 29th of February
    expect(new Set(films.map(({ patient }) => patient)).size).to.equal(1);
    expect(films[0]).to.include({ width: 256, height: 256, view: 'PA', split: 'train' });
    const { channels, depth, exif, xmp, comments } = await sharp(
      join(out(), films[0]?.file ?? ''),
    ).metadata();
    expect([channels, depth, exif, xmp, comments]).to.deep.equal([
      1,
      'uchar',
      undefined,
      undefined,
      undefined,
    ]);
    const entry = (await FilmRegister.open(out(), true)).find(films[0]?.id ?? '');
    expect(entry).to.include({ sopInstance: '2.25.1', patientId: 'MRN-4711', studyDate: '20200228' });
    for (const name of await readdir(join(out(), 'private'))) {
      expect((await stat(join(out(), 'private', name))).mode & 0o777, name).to.equal(0o600);
    }
    expect((await stat(join(out(), 'private'))).mode & 0o777).to.equal(0o700);
  });

  it('sets aside what is wrong, says why, keeps a picture, and goes on', async () => {
    await put('1-good', phantomDicom({ number: 1 }));
    await put('2-twin', phantomDicom({ number: 1, elements: [['00080018', 'UI', '2.25.99']] }));
    await put('3-side', phantomDicom({ number: 3, change: turnedRight }));
    await put('4-negative', phantomDicom({ number: 4, change: negative }));
    await put('5-leg', phantomDicom({ number: 5, elements: [['00180015', 'CS', 'LEG']] }));
    await put('6-lateral', phantomDicom({ number: 6, elements: [['00185101', 'CS', 'LL']] }));
    await put('7-ct', phantomDicom({ number: 7, elements: [['00080060', 'CS', 'CT']] }));
    await put('8-cut.dcm', phantomDicom({ number: 8 }).subarray(0, 20_000));
    await put('9-raw', phantomDicom({ number: 9, elements: [['00080068', 'CS', 'FOR PROCESSING']] }));
    await put('9-text.dcm', 'not a film');
    const { files, quarantine, reasons } = await run();
    expect(files).to.deep.equal({ admitted: 1, quarantined: 9, repeated: 0, known: 0, other: 0 });
    expect(reasons).to.deep.equal({
      duplicate: 1,
      turned: 1,
      inverted: 1,
      'not-a-chest': 1,
      'not-frontal': 1,
      kind: 2,
      unreadable: 2,
    });
    for (const { id, findings } of quarantine) {
      const picture = await new Quarantine(out()).picturePath(id);
      expect(picture === null, id).to.equal(findings[0]?.reason === 'unreadable');
      if (picture !== null) expect((await sharp(picture).metadata()).width).to.equal(256);
    }
    expect((await readCatalogue(out())).films).to.have.length(1);
  });

  it('goes on where it was: films in the register are not decoded again, changed files are', async () => {
    await put('a', phantomDicom({ number: 1 }));
    await put('b', phantomDicom({ number: 2 }));
    await run();
    await put('c', phantomDicom({ number: 3 }));
    expect((await run()).files).to.include({ known: 2, admitted: 1 });
    await put('a', phantomDicom({ number: 4 }));
    await utimes(join(source(), 'a'), 1, 1);
    expect((await run()).files).to.include({ known: 2, admitted: 1 });
    expect((await readCatalogue(out())).films).to.have.length(4);
  });

  it('killed before its end, has lost nothing that was settled; a torn line of the register is dropped', async () => {
    await put('a', phantomDicom({ number: 1 }));
    await run();
    const register = join(out(), 'private', 'films.jsonl');
    const whole = await readFile(register, 'utf8');
    await writeFile(register, `${whole}{"id":"film-`);
    await writeFile(
      join(out(), 'catalogue.json'),
      JSON.stringify({ version: 1, source: 'x', classes: [], films: [] }),
    );
    await put('b', phantomDicom({ number: 2 }));
    expect((await run()).files).to.include({ known: 1, admitted: 1 });
    expect((await readCatalogue(out())).films).to.have.length(2);
    expect((await run()).files).to.include({ known: 2 });
  });

  it('tells a dry run from a real one', async () => {
    await put('a', phantomDicom({ number: 1 }));
    const { films, files } = await run({ dryRun: true });
    expect([films.train, files.admitted]).to.deep.equal([1, 1]);
    expect(await readdir(folder())).to.deep.equal(['source']);
  });

  it('says when nothing can be used, and leaves the films in quarantine', async () => {
    await put('a', phantomDicom({ number: 1, elements: [['00080060', 'CS', 'MR']] }));
    const error = await rejection(run());
    expect(error.code).to.equal('NO_USABLE_FILMS');
    expect(error.message).to.include('1 kind');
    expect(await new Quarantine(out()).list()).to.have.length(1);
    expect((await rejection(run({ source: join(folder(), 'nowhere') }))).code).to.equal('DATA_MISSING');
  });

  it('ends a film that takes too long, and tries it again the next time', async () => {
    await put('a', phantomDicom({ number: 1 }));
    await put('b', phantomDicom({ number: 2, size: 512 }));
    await rejection(run({ timeLimitMs: 1 }));
    const [first] = await new Quarantine(out()).list();
    expect(first?.findings.map(({ reason }) => reason)).to.deep.equal(['time-limit']);
    expect((await run()).files).to.include({ admitted: 2, known: 0 });
    expect(await new Quarantine(out()).list()).to.deep.equal([]);
  });

  it('keeps two films apart that have one SOP Instance UID', async () => {
    await put('a', phantomDicom({ number: 1 }));
    await put('b', phantomDicom({ number: 2, elements: [['00080018', 'UI', '2.25.1']] }));
    await put('c', phantomDicom({ number: 1 }));
    const { files, quarantine } = await run();
    expect(files).to.include({ admitted: 1, quarantined: 1, repeated: 1 });
    expect(await reasonsOf(quarantine[0]?.id ?? '')).to.deep.equal(['mislabelled']);
  });

  describe('with labels', () => {
    const withLabels = (table: string, options: Partial<DicomImportOptions> = {}) =>
      writeFile(join(source(), 'labels.csv'), table).then(() =>
        run({
          labels: {
            importer: plainCsvImporter(null),
            source: source(),
            exhaustive: 'unknown',
            uncertain: 'unknown',
          },
          ...options,
        }),
      );

    it('scales boxes to the film as it is kept', async () => {
      await put('a', phantomDicom({ number: 1, size: 512 }));
      await withLabels('film,label,x,y,width,height\na,Mass,100,200,50,60\n', { side: 256 });
      const [film] = (await readCatalogue(out())).films;
      expect(film).to.include({ width: 256, height: 256 });
      expect(film?.boxes).to.deep.equal([{ class: 'Mass', x: 50, y: 100, width: 25, height: 30 }]);
    });

    it('sets a film aside whose label row belongs to another: box outside, other view, other sex', async () => {
      await put('a', phantomDicom({ number: 1 }));
      await put('b', phantomDicom({ number: 2 }));
      await put('c', phantomDicom({ number: 3, elements: [['00100040', 'CS', 'F']] }));
      await put('d', phantomDicom({ number: 4 }));
      const { quarantine } = await withLabels(
        'film,label,x,y,width,height,view,sex\na,Mass,200,200,100,100,,\nb,Mass,,,,,AP,\nc,Mass,,,,,,M\nd,Mass,1,1,9,9,PA,F\n',
      );
      expect(quarantine.map(({ findings }) => findings.map(({ detail }) => detail))).to.deep.equal([
        ['A box of its label row lies outside the film.'],
        ['Its label row names another view than its header.'],
        ['Its label row names another sex than its header.'],
      ]);
      expect((await readCatalogue(out())).films.map(({ boxes }) => boxes.length)).to.deep.equal([1]);
    });
  });

  describe('and a person', () => {
    it('releases a film with its labels, or discards it for good', async () => {
      await put('a', phantomDicom({ number: 1 }));
      await put('b', phantomDicom({ number: 2, elements: [['00280301', 'CS', 'YES']] }));
      await put('c', phantomDicom({ number: 3, elements: [['00280301', 'CS', 'YES']] }));
      const { quarantine } = await run();
      const [released, discarded] = quarantine.map(({ id }) => id) as [string, string];
      await releaseFilm(out(), released);
      await discardFilm(out(), discarded);
      const { films } = await readCatalogue(out());
      expect(films.map(({ id }) => id))
        .to.include(released)
        .and.have.length(2);
      expect((await stat(join(out(), 'films', `${released}.png`))).size).to.be.greaterThan(1000);
      expect(await new Quarantine(out()).list()).to.deep.equal([]);
      expect((await run()).files).to.include({ known: 3, admitted: 0, quarantined: 0 });
      expect((await readCatalogue(out())).films).to.have.length(2);
      expect((await rejection(releaseFilm(out(), discarded))).code).to.equal('NOT_FOUND');
      expect((await rejection(releaseFilm(out(), '../private'))).code).to.equal('NOT_FOUND');
    });

    it('cannot release a film that has no picture', async () => {
      await put('a', phantomDicom({ number: 1 }));
      await put('b.dcm', 'not a film');
      const { quarantine } = await run();
      const error = await rejection(releaseFilm(out(), quarantine[0]?.id ?? ''));
      expect(error.code).to.equal('FILM_UNREADABLE');
    });
  });
});
