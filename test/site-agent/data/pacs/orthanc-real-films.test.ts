import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { FilmRegister } from '@fedoxnet/site-agent/data/door/film-register';
import { importDicom } from '@fedoxnet/site-agent/data/door/import-dicom';
import { findFilms } from '@fedoxnet/site-agent/data/pacs/find-films';
import type { FilmPlace } from '@fedoxnet/site-agent/data/pacs/pacs';
import { openPacs, readPacsSettings } from '@fedoxnet/site-agent/data/pacs/pacs-settings';
import { checkPrivacy } from '@fedoxnet/site-agent/data/privacy/privacy-check';
import { readRealFilm, REAL_DICOM, realFilms, requireRealFilms } from '../dicom/real-films.js';
import { SiteOfOrthanc, WAYS } from './support/site-of-orthanc.js';

const HEADER_OF_PIXELS = 'x7fe00010';

function pixelBytes({ dataSet }: ReturnType<typeof parseDicomFile>): Buffer {
  const element = dataSet.element(HEADER_OF_PIXELS);
  if (element === null) throw new Error('no pixels');
  const { dataOffset, length } = element;
  return Buffer.from(dataSet.bytes.subarray(dataOffset, dataOffset + length));
}

/** By the hospital's own name of each film: what its pixels are, and whether it is used. */
async function whatCame(data: string): Promise<Record<string, unknown>> {
  const { entries } = await FilmRegister.open(data, true);
  const rows = [...entries].map(({ sopInstance, picture }) => [sopInstance ?? '', picture?.digest] as const);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function otherDays(date: string): number {
  return realFilms().filter(
    ({ file }) => parseDicomFile(readRealFilm(file)).dataSet.string('x00080020') !== date,
  ).length;
}

describe('pull of real films from Orthanc', () => {
  before(function () {
    requireRealFilms(this);
  });
  const site = new SiteOfOrthanc(() => realFilms().map(({ file }) => readRealFilm(file)));

  for (const by of WAYS)
    it(`gets every object as it lies there, by ${by}`, async () => {
      const settings = await readPacsSettings(site.home);
      if (settings === null) throw new Error('no settings');
      const pacs = await openPacs(settings, by, site.home);
      try {
        const signal = new AbortController().signal;
        const query = { modalities: ['CR', 'DX'], from: null, to: null, bodyPart: null };
        const films: FilmPlace[] = [];
        for await (const film of findFilms(pacs, query, { signal })) films.push(film);
        const sent = new Map(
          realFilms().map(({ file }) => {
            const bytes = readRealFilm(file);
            return [parseDicomFile(bytes).dataSet.string('x00080018'), bytes];
          }),
        );
        expect(films).to.have.length(sent.size);
        for (const film of films) {
          const original = sent.get(film.instance) as Buffer;
          const came = Buffer.from(await pacs.fetch(film, signal));
          if (by === 'dicomweb') {
            expect(came.equals(original), film.instance).to.be.true;
            continue;
          }
          // An association carries no file meta information; the syntax and every pixel byte stay.
          const [before, after] = [parseDicomFile(original), parseDicomFile(came)];
          expect(after.syntax.uid).to.equal(before.syntax.uid);
          expect(pixelBytes(after).equals(pixelBytes(before)), film.instance).to.be.true;
        }
      } finally {
        await pacs.close();
      }
    });

  it('admits and sets aside what an import of the folder does, and leaves header values in the private folder only', async () => {
    const folderData = join(site.folder(), 'from-folder');
    const options = { labels: null, val: 0, side: 1024, dryRun: false, timeLimitMs: 60_000 };
    await importDicom({ ...options, source: REAL_DICOM, out: folderData });
    const came = await whatCame(folderData);
    for (const by of WAYS) {
      const data = join(site.folder(), by);
      const { status, document, err } = await site.pull('--by', by, '--out', data);
      expect(status, err).to.equal(0);
      expect(document).to.include({ found: realFilms().length, known: 0, fetched: realFilms().length });
      expect(await whatCame(data)).to.deep.equal(came);
      await writeFile(join(site.folder(), `${by}.log`), err + JSON.stringify(document));
      const again = await site.pull('--by', by, '--out', data);
      expect(again.document).to.include({ known: realFilms().length, fetched: 0, bytes: 0 });
    }
    const report = await checkPrivacy({ source: REAL_DICOM, searched: [site.folder()], films: 100 });
    expect(report.values).to.be.above(20);
    expect(report.sightings).to.deep.equal([]);
    expect(report.open).to.deep.equal([]);

    // Whoever has a folder of the same films need not fetch them.
    const { document } = await site.pull('--by', 'get', '--dry-run', '--out', folderData);
    expect(document).to.include({ found: realFilms().length, known: realFilms().length, fetched: 0 });
  });

  it('asks for the modality, the days and the body part that are wanted', async () => {
    const found = async (...options: string[]) => (await site.pull('--dry-run', ...options)).document.found;
    for (const by of WAYS) {
      expect(await found('--by', by, '--modality', 'DX'), by).to.equal(
        realFilms().filter(({ modality }) => modality === 'DX').length,
      );
      expect(await found('--by', by, '--body-part', 'EXTREMITY', '--modality', 'CR'), by).to.equal(1);
      expect(await found('--by', by, '--from', '2004-08-26', '--to', '2004-08-26'), by).to.equal(
        (await found('--by', by)) - otherDays('20040826'),
      );
    }
  });
});
