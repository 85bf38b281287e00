import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { CheckLine } from '@fedoxnet/site-agent/check/check';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { FilmRegister } from '@fedoxnet/site-agent/data/door/film-register';
import { importDicom } from '@fedoxnet/site-agent/data/door/import-dicom';
import { findFilms } from '@fedoxnet/site-agent/data/pacs/find-films';
import type { FilmPlace } from '@fedoxnet/site-agent/data/pacs/pacs';
import { openPacs, readPacsSettings } from '@fedoxnet/site-agent/data/pacs/pacs-settings';
import type { PullSummary } from '@fedoxnet/site-agent/data/pacs/pull';
import { checkPrivacy } from '@fedoxnet/site-agent/data/privacy/privacy-check';
import { startOrthanc, type Orthanc } from '../../../support/orthanc.js';
import { skipBecause } from '../../../support/skip-because.js';
import { scratchFolder } from '../../agent/support/scratch.js';
import { siteDocument } from '../../cli/support/site-command.js';
import { phantomDicom } from '../dicom/phantom-dicom.js';
import { readRealFilm, REAL_DICOM, realFilms, requireRealFilms } from '../dicom/real-films.js';

const PROGRAM = fileURLToPath(new URL('../../../../../site-agent/bin/fedoxnet-site.mjs', import.meta.url));
const WAYS = ['dicomweb', 'get', 'move'] as const;
const HEADER_OF_PIXELS = 'x7fe00010';

describe('pull from Orthanc', () => {
  let orthanc: Orthanc;
  const folder = scratchFolder();
  const out = (): string => join(folder(), 'data');
  const home = (): string => join(folder(), 'home');

  const start = (films: () => readonly Uint8Array[]) => {
    before(async function () {
      const started = await startOrthanc();
      if (typeof started === 'string') skipBecause(this, started);
      orthanc = started;
      for (const film of films()) await orthanc.upload(film);
    });
    after(() => orthanc?.stop());
  };

  /** Settings as the site's staff would write them. */
  async function configure(changes: object = {}): Promise<void> {
    await mkdir(home(), { recursive: true });
    const { webUrl: url, user, password, aeTitle, dicomPort, clientAe: ae, storePort } = orthanc;
    await writeFile(join(home(), 'pacs.secret'), `${password}\n`, { mode: 0o600 });
    const settings = {
      dicomweb: { url, user, secretFile: 'pacs.secret' },
      dimse: { pacs: `${aeTitle}@127.0.0.1:${dicomPort}`, ae, storePort, storeHost: '127.0.0.1' },
      timeoutSeconds: 20,
      attempts: 2,
      ...changes,
    };
    await writeFile(join(home(), 'pacs.json'), JSON.stringify(settings));
  }

  const pull = (...options: string[]) =>
    siteDocument<PullSummary>(
      'pull',
      '--home',
      home(),
      '--out',
      out(),
      '--val',
      '0',
      '--time-limit',
      '60',
      ...options,
    );

  describe('holding real films', () => {
    before(function () {
      requireRealFilms(this);
    });
    start(() => realFilms().map(({ file }) => readRealFilm(file)));
    beforeEach(() => configure());

    for (const by of WAYS)
      it(`gets every object as it lies there, by ${by}`, async () => {
        const settings = await readPacsSettings(home());
        if (settings === null) throw new Error('no settings');
        const pacs = await openPacs(settings, by, home());
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
      const folderData = join(folder(), 'from-folder');
      const options = { labels: null, val: 0, side: 1024, dryRun: false, timeLimitMs: 60_000 };
      await importDicom({ ...options, source: REAL_DICOM, out: folderData });
      const came = await whatCame(folderData);
      for (const by of WAYS) {
        const data = join(folder(), by);
        const { status, document, err } = await pull('--by', by, '--out', data);
        expect(status, err).to.equal(0);
        expect(document).to.include({ found: realFilms().length, known: 0, fetched: realFilms().length });
        expect(await whatCame(data)).to.deep.equal(came);
        await writeFile(join(folder(), `${by}.log`), err + JSON.stringify(document));
        const again = await pull('--by', by, '--out', data);
        expect(again.document).to.include({ known: realFilms().length, fetched: 0, bytes: 0 });
      }
      const report = await checkPrivacy({ source: REAL_DICOM, searched: [folder()], films: 100 });
      expect(report.values).to.be.above(20);
      expect(report.sightings).to.deep.equal([]);
      expect(report.open).to.deep.equal([]);

      // Whoever has a folder of the same films need not fetch them.
      const { document } = await pull('--by', 'get', '--dry-run', '--out', folderData);
      expect(document).to.include({ found: realFilms().length, known: realFilms().length, fetched: 0 });
    });

    it('asks for the modality, the days and the body part that are wanted', async () => {
      const found = async (...options: string[]) => (await pull('--dry-run', ...options)).document.found;
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

  describe('holding drawn films', () => {
    const FILMS = 8;
    start(() => Array.from({ length: FILMS }, (_, index) => phantomDicom({ number: index + 1 })));
    beforeEach(() => configure());

    it('killed in the middle, goes on where it was and leaves nothing half-written', async () => {
      const args = ['pull', '--home', home(), '--out', out(), '--films-per-second', '4', '--val', '0'];
      const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore' });
      const register = join(out(), 'private', 'films.jsonl');
      while ((await readFile(register, 'utf8').catch(() => '')).split('\n').length < 4)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const before = [...(await FilmRegister.open(out(), true)).entries].length;
      expect(before).to.be.within(3, FILMS - 1);
      await writeFile(join(out(), 'films', 'film-half.png.0.tmp'), 'half');

      const { status, document } = await pull();
      expect(status).to.equal(0);
      expect(document).to.include({ found: FILMS, known: before, fetched: FILMS - before });
      const { films } = await readCatalogue(out());
      expect(films).to.have.length(FILMS);
      expect((await readdir(join(out(), 'films'))).sort()).to.deep.equal(
        films.map(({ id }) => `${id}.png`).sort(),
      );
    });

    it('told to stop, keeps what came, and says what is left', async () => {
      const args = ['pull', '--home', home(), '--out', out(), '--films-per-second', '4', '--val', '0'];
      const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let printed = '';
      child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
      const register = join(out(), 'private', 'films.jsonl');
      while ((await readFile(register, 'utf8').catch(() => '')).split('\n').length < 3)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGTERM');
      const [status] = (await once(child, 'close')) as [number];
      expect(status).to.equal(75); // PULL_INCOMPLETE
      const { fetched, missing } = JSON.parse(printed) as PullSummary;
      expect((await readCatalogue(out())).films).to.have.length(fetched);
      expect(missing).to.deep.equal({ 'the pull was stopped': FILMS - fetched });
    });

    it('fetches no more than it is allowed to now', async () => {
      const first = await pull('--limit', '3');
      expect(first.status).to.equal(75);
      expect(first.document).to.deep.include({
        fetched: 3,
        missing: { 'beyond the limit of films': FILMS - 3 },
      });
      expect((await pull()).document).to.deep.include({ fetched: FILMS - 3, known: 3, missing: {} });
    });

    it('outside the allowed hours asks for nothing', async () => {
      const hour = (later: number) => `${String((new Date().getHours() + later) % 24).padStart(2, '0')}:00`;
      const { status, document, err } = await pull('--hours', `${hour(2)}-${hour(3)}`, '--once');
      expect(status).to.equal(75);
      expect(document).to.include({ found: 0, fetched: 0 });
      expect(err).to.include('The allowed hours have not begun');
    });

    it('finds the labels of films by their UIDs', async () => {
      const tables = join(folder(), 'tables');
      await mkdir(tables);
      await writeFile(
        join(tables, 'labels.csv'),
        'film,label,x,y,width,height\n2.25.3,Mass,10,20,30,40\n2.25.77,Mass,1,2,3,4\n',
      );
      const { document } = await pull('--labels', tables);
      expect(document.import?.refused).to.have.length(1); // 2.25.77 is not in the PACS
      const boxed = (await readCatalogue(out())).films.filter(({ boxes }) => boxes.length > 0);
      const entry = (await FilmRegister.open(out(), true)).find(boxed[0]?.id ?? '');
      expect([boxed.length, entry?.sopInstance]).to.deep.equal([1, '2.25.3']);
    });

    it('does not let two pulls into one data folder', async () => {
      await mkdir(join(out(), 'private'), { recursive: true });
      await writeFile(join(out(), 'private', 'door.lock'), `${process.ppid}\n`);
      const { status, document } = await pull();
      expect([status, document]).to.have.nested.property('[1].error.code', 'DATA_IN_USE');
      expect(status).to.equal(69);
    });

    const refusals: readonly [what: string, options: () => string[], code: string, says: string][] = [
      [
        'a wrong password',
        () => ['--by', 'dicomweb', '--secret-file', join(home(), 'wrong')],
        'PACS_REFUSED',
        'status 401',
      ],
      [
        'a wrong path',
        () => ['--by', 'dicomweb', '--dicomweb', orthanc.webUrl.replace('dicom-web', 'elsewhere')],
        'PACS_ANSWER_INVALID',
        'status 404',
      ],
      [
        'a wrong AE title of the PACS',
        () => ['--by', 'get', '--pacs', `OTHER@127.0.0.1:${orthanc.dicomPort}`],
        'PACS_REFUSED',
        'does not answer to the AE title OTHER',
      ],
      [
        'an AE title of ours that it does not know',
        () => ['--by', 'get', '--ae', 'STRANGER'],
        'PACS_REFUSED',
        'may not ask',
      ],
      [
        'the port of another service',
        () => ['--by', 'get', '--pacs', orthanc.webUrl.replace(/^http:\/\/([^/]*).*$/, 'TESTPACS@$1')],
        'PACS_',
        '127.0.0.1',
      ],
      [
        'a dead server',
        () => ['--by', 'get', '--pacs', 'TESTPACS@127.0.0.1:1'],
        'PACS_UNREACHABLE',
        'ECONNREFUSED',
      ],
      ['a dead web server', () => ['--dicomweb', 'http://127.0.0.1:1/x'], 'PACS_UNREACHABLE', 'ECONNREFUSED'],
    ];
    for (const [what, options, code, says] of refusals)
      it(`says what is wrong: ${what}`, async () => {
        await writeFile(join(home(), 'wrong'), 'wrong\n', { mode: 0o600 });
        const { document, status } = await pull('--timeout', '5', ...options());
        const { error } = document as unknown as { error: { code: string; message: string } };
        expect(error.code).to.include(code);
        expect(error.message).to.include(says);
        expect(status).to.be.oneOf([69, 76, 77]);
      });

    it('is what check asks, by each way that is set, with what to do where it does not answer', async () => {
      const lines = async (changes: object = {}) => {
        await configure(changes);
        const { status, document } = await siteDocument<{ checks: (CheckLine & { fix?: string })[] }>(
          ...['check', '--home', home(), '--only', 'pacs'],
        );
        const { checks } = document;
        return { status, states: checks.map(({ name, state }) => `${name} ${state}`), checks };
      };
      const right = await lines();
      expect(right.status).to.equal(0);
      expect(right.states).to.deep.equal(['pacs-dicomweb passed', 'pacs-dimse passed']);
      expect(right.checks[1]?.says).to.include('TESTPACS answers TESTSITE, and offers C-FIND and C-GET');

      const wrong = await lines({
        dicomweb: { url: 'http://127.0.0.1:1/dicom-web' },
        dimse: { pacs: `OTHER@127.0.0.1:${orthanc.dicomPort}`, ae: 'TESTSITE' },
      });
      expect(wrong.states).to.deep.equal(['pacs-dicomweb failed', 'pacs-dimse failed']);
      expect(wrong.checks[0]?.fix).to.include('Nothing listens there');
      expect(wrong.checks[1]?.fix).to.include('admit this AE title');
      expect(wrong.status).to.equal(78);

      const one = await lines({ dimse: undefined });
      expect(one.states).to.deep.equal(['pacs-dicomweb passed', 'pacs-dimse skipped']);
    });

    it('C-MOVE to an AE title that the PACS does not know is refused', async () => {
      // Orthanc admits the caller by its AE title, and looks the destination up by it as well.
      const { document } = await pull('--by', 'move', '--ae', 'STRANGER');
      expect(document).to.have.nested.property('error.code', 'PACS_REFUSED');
    });
  });

  function pixelBytes({ dataSet }: ReturnType<typeof parseDicomFile>): Buffer {
    const element = dataSet.element(HEADER_OF_PIXELS);
    if (element === null) throw new Error('no pixels');
    const { dataOffset, length } = element;
    return Buffer.from(dataSet.bytes.subarray(dataOffset, dataOffset + length));
  }

  /** By the hospital's own name of each film: what its pixels are, and whether it is used. */
  async function whatCame(data: string): Promise<Record<string, unknown>> {
    const { entries } = await FilmRegister.open(data, true);
    const rows = [...entries].map(
      ({ sopInstance, picture }) => [sopInstance ?? '', picture?.digest] as const,
    );
    return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function otherDays(date: string): number {
    return realFilms().filter(
      ({ file }) => parseDicomFile(readRealFilm(file)).dataSet.string('x00080020') !== date,
    ).length;
  }
});
