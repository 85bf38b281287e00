import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { workHours } from '@fedoxnet/site-agent/agent/work-hours';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { FilmNotGiven, pacsUnreachable } from '@fedoxnet/site-agent/data/pacs/pacs-failure';
import type { FilmPlace } from '@fedoxnet/site-agent/data/pacs/pacs';
import { PULL_REPORT, pull, type PullOptions } from '@fedoxnet/site-agent/data/pacs/pull';
import { discardFilm, releaseFilm } from '@fedoxnet/site-agent/data/quarantine/decide';
import { Quarantine } from '@fedoxnet/site-agent/data/quarantine/quarantine';
import { rejection } from '../../../support/rejection.js';
import { scratchFolder } from '../../agent/support/scratch.js';
import { negative, phantomDicom } from '../dicom/phantom-dicom.js';
import { Drawer } from './support/drawer.js';

const EVENING = new Date(2026, 0, 15, 20);
/** 30 ms before the hours begin. */
const ALMOST = new Date(2026, 0, 15, 18, 59, 59, 970);

describe('pull', () => {
  const folder = scratchFolder();
  const out = (): string => join(folder(), 'data');
  const films = [1, 2, 3].map((number) => ({
    ...{ study: `2.25.${number}.1`, series: `2.25.${number}.2`, instance: `2.25.${number}` },
    date: '20240101',
  }));
  const bytesOf = ({ instance }: FilmPlace) =>
    Promise.resolve(phantomDicom({ number: Number(instance.split('.')[2]) }));

  const run = (pacs: Drawer, options: Partial<PullOptions> = {}) =>
    pull(pacs, {
      ...{ out: out(), labels: null, val: 0, side: 1024, dryRun: false, threads: 1, timeLimitMs: 60_000 },
      query: { modalities: ['DX'], from: null, to: null, bodyPart: null },
      ...{ filmsPerSecond: null, hours: null, now: () => EVENING, once: false, limit: Infinity, attempts: 1 },
      signal: new AbortController().signal,
      onRetry: () => undefined,
      onFinding: () => undefined,
      onProgress: () => undefined,
      onWaiting: () => undefined,
      ...options,
    });

  it('goes on in the next hours where it ended in the last, with a whole catalogue in between', async () => {
    let between: number | null = null;
    const waits: Date[] = [];
    const pacs: Drawer = new Drawer(films, { give: bytesOf });
    const fetched = (): number => pacs.asked.filter((asked) => asked.startsWith('2.25')).length;
    const { summary, failure } = await run(pacs, {
      hours: workHours.parse('19:00-06:00'),
      now: () => (fetched() === 2 && waits.length === 0 ? ALMOST : EVENING),
      onWaiting: (until) => {
        waits.push(until);
        const catalogue = JSON.parse(readFileSync(join(out(), 'catalogue.json'), 'utf8')) as Catalogue;
        between = catalogue.films.length;
      },
    });
    expect(failure).to.equal(null);
    expect(summary).to.deep.include({ searched: true, found: 3, known: 0, fetched: 3, missing: {} });
    expect(waits).to.deep.equal([new Date(2026, 0, 15, 19)]);
    expect(between).to.equal(2);
    expect((await readCatalogue(out())).films).to.have.length(3);
  });

  it('with --once ends when the hours end, and says what is left', async () => {
    const pacs: Drawer = new Drawer(films, { give: bytesOf });
    const now = () => (pacs.asked.includes('2.25.1') ? ALMOST : EVENING);
    const { summary, failure } = await run(pacs, { hours: workHours.parse('19:00-06:00'), now, once: true });
    expect(summary).to.deep.include({ fetched: 1, missing: { 'outside the allowed hours': 2 } });
    expect(failure).to.include({ code: 'PULL_INCOMPLETE' });
  });

  it('names a film that the PACS does not give in the private report, and asks for it the next time', async () => {
    let isBroken = true;
    const give = (film: FilmPlace) =>
      film.instance === '2.25.2' && isBroken ? Promise.reject(new FilmNotGiven('status 500')) : bytesOf(film);
    const first = await run(new Drawer(films, { give }));
    expect(first.summary).to.deep.include({ fetched: 2, missing: { 'status 500': 1 } });
    expect(JSON.stringify(first.summary)).to.not.include('2.25.2');
    const report = JSON.parse(await readFile(join(out(), 'private', PULL_REPORT), 'utf8')) as object;
    expect(report).to.deep.include({ notGiven: [{ instance: '2.25.2', why: 'status 500' }] });
    isBroken = false;
    const second = await run(new Drawer(films, { give }));
    expect(second.summary).to.deep.include({ known: 2, fetched: 1, missing: {} });
    expect(second.failure).to.equal(null);
  });

  it('keeps what came when the PACS goes away, and says that it did', async () => {
    let given = 0;
    const gone = () => Promise.reject(pacsUnreachable('drawer', 'ECONNRESET'));
    const give = (film: FilmPlace) => (given++ === 0 ? bytesOf(film) : gone());
    const { summary, failure } = await run(new Drawer(films, { give, echo: gone }));
    expect(failure).to.include({ code: 'PACS_UNREACHABLE' });
    expect(summary).to.deep.include({ fetched: 1, missing: { 'the PACS no longer answers': 2 } });
    expect((await readCatalogue(out())).films).to.have.length(1);
  });

  it('keeps what came before the search broke off, and says that it did', async () => {
    const pacs = new Drawer(films, { give: bytesOf, lost: '2.25.3.1' });
    const { summary, failure } = await run(pacs);
    expect(failure).to.include({ code: 'PACS_UNREACHABLE' });
    expect(summary).to.deep.include({ searched: false, found: 2, fetched: 2, missing: {} });
    expect((await readCatalogue(out())).films).to.have.length(2);
  });

  it('keeps what a person decided on quarantined films while it ran', async () => {
    const odd = (film: FilmPlace) =>
      film.instance === '2.25.3'
        ? bytesOf(film)
        : Promise.resolve(phantomDicom({ number: Number(film.instance.at(-1)), change: negative }));
    await run(new Drawer(films.slice(0, 2), { give: odd }), { limit: 2 }).catch(() => null);
    const [first, second] = (await new Quarantine(out()).list()).map(({ id }) => id);
    const give = async (film: FilmPlace) => {
      await releaseFilm(out(), first ?? '');
      await discardFilm(out(), second ?? '');
      return bytesOf(film);
    };
    await run(new Drawer(films, { give }));
    expect((await readCatalogue(out())).films.map(({ id }) => id))
      .to.include(first)
      .and.have.length(2);
  });

  it('says so when the PACS has nothing that fits', async () => {
    expect((await rejection(run(new Drawer([])))).code).to.equal('NO_USABLE_FILMS');
  });
});
