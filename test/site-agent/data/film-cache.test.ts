import { mkdir, open, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { filmCacheLimit } from '@fedoxnet/site-agent/data/cache-limit';
import { decodeFilms, type DecodedFilms } from '@fedoxnet/site-agent/data/film-cache';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { rejection } from '../../support/rejection.js';
import { scratchFolder } from '../agent/support/scratch.js';
import { filmRecord } from './support/film-record.js';

const SIZE = 32;
const AREA = SIZE * SIZE;

describe('decodeFilms', () => {
  const folder = scratchFolder();
  const cache = () => join(folder(), 'cache');
  const opened: DecodedFilms[] = [];
  afterEach(() => opened.splice(0).forEach((films) => films.close()));

  /** Black left of `column`, white from there on. */
  const draw = async (id: string, column: number): Promise<FilmRecord> => {
    const pixels = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < column ? 0 : 255));
    await sharp(pixels, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toFile(join(folder(), `${id}.png`));
    return filmRecord(id);
  };
  /** @returns the films, and how many had to be decoded */
  async function load(films: readonly FilmRecord[], limit?: number, size = SIZE) {
    let decoded = 0;
    const result = await decodeFilms({
      catalogueFolder: folder(),
      films,
      size,
      cacheFolder: cache(),
      ...(limit !== undefined && { limit }),
      onProgress: () => decoded++,
    });
    opened.push(result);
    return { films: result, decoded };
  }
  const segments = async () => (await readdir(cache())).filter((name) => name.endsWith('.planes'));
  const firstSegment = async () => join(cache(), (await segments())[0] ?? '');
  /** Where a row of the plane turns white: half the column of the film. */
  const edge = (plane: Uint8Array) => plane.subarray(0, SIZE).findIndex((value) => value > 127);

  it('knows a film in another list, and decodes only what is new', async () => {
    const [a, b, c] = [await draw('a', 10), await draw('b', 20), await draw('c', 40)];
    expect((await load([a, b])).decoded).to.equal(2);
    const second = await load([c, b]);
    expect(second.decoded).to.equal(1);
    expect([0, 1].map((i) => edge(second.films.pixels(i)))).to.deep.equal([20, 10]);
    expect((await load([a, b, c])).decoded).to.equal(0);
    expect(await segments()).to.have.lengthOf(2);
    expect((await readdir(cache())).length, 'nothing half-written').to.equal(2);
  });

  it('keeps sizes apart', async () => {
    const a = await draw('a', 10);
    await load([a]);
    const larger = await load([a], undefined, 64);
    expect(larger.decoded).to.equal(1);
    expect(larger.films.pixels(0)).to.have.lengthOf(64 * 64);
  });

  it('lets go of the films used longest ago, never of those it was asked for', async () => {
    const [a, b, c] = [await draw('a', 10), await draw('b', 20), await draw('c', 40)];
    const past = (seconds: number) => new Date(Date.now() - seconds * 1000);
    await load([a]);
    await utimes(await firstSegment(), past(60), past(60));
    await load([b]);
    // One plane and its index are about 1,200 bytes: two fit.
    expect((await load([c], 3000)).decoded).to.equal(1);
    expect(await segments()).to.have.lengthOf(2);
    expect((await load([b], 3000)).decoded, 'b was used after a').to.equal(0);
    expect((await load([a], 3000)).decoded, 'a had gone').to.equal(1);
    const all = await load([a, b, c], 1);
    expect([0, 1, 2].map((i) => edge(all.films.pixels(i)))).to.deep.equal([5, 10, 20]);
    expect((await load([a, b, c], 1)).decoded).to.equal(0);
  });

  it('reads on when another process removed its segment', async () => {
    const { films } = await load([await draw('a', 10)]);
    await rm(await firstSegment());
    expect(edge(films.pixels(0))).to.equal(5);
  });

  it('clears away what a killed process left, once it is old', async () => {
    await mkdir(cache());
    const [old, young] = ['films-32-0123456789abcdef.planes.tmp', 'films-32-fedcba9876543210.planes.tmp'];
    for (const name of [old, young]) await writeFile(join(cache(), name), 'half');
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(join(cache(), old), yesterday, yesterday);
    await load([await draw('a', 10)]);
    expect(await readdir(cache()))
      .to.include(young)
      .and.not.include(old);
  });

  for (const [what, bytes] of [
    ['cut in its planes', 100],
    ['cut in its index', AREA + 20],
    ['empty', 0],
  ] as const) {
    it(`makes a segment anew that is ${what}`, async () => {
      const a = await draw('a', 10);
      await load([a]);
      await truncate(await firstSegment(), bytes);
      const { films, decoded } = await load([a]);
      expect(decoded).to.equal(1);
      expect(edge(films.pixels(0))).to.equal(5);
      expect(await segments()).to.have.lengthOf(1);
    });
  }

  it('refuses a plane that the disk changed, and decodes it again at the next load', async () => {
    const a = await draw('a', 10);
    const { films } = await load([a]);
    const file = await open(await firstSegment(), 'r+');
    await file.write(Uint8Array.of(77), 0, 1, 500);
    await file.close();
    expect(() => films.pixels(0)).to.throw('damaged');
    expect((await load([a])).decoded).to.equal(1);
  });

  it('names a cache that cannot be written', async () => {
    await writeFile(cache(), 'a file where the folder should be');
    const error = await rejection(load([await draw('a', 10)]));
    expect(error.code).to.equal('CACHE_UNWRITABLE');
    expect(error.message).to.contain(cache());
  });

  it('has no film beyond the last', async () => {
    const { films } = await load([await draw('a', 10)]);
    expect(() => films.pixels(1)).to.throw(RangeError);
    expect(() => films.pixels(-1)).to.throw(RangeError);
  });
});

describe('filmCacheLimit', () => {
  it('is 20 GB, or what the variable says', () => {
    expect(filmCacheLimit({})).to.equal(20e9);
    expect(filmCacheLimit({ FEDOXNET_FILM_CACHE_GB: '0.5' })).to.equal(5e8);
  });

  for (const text of ['', 'much', '0', '-1', 'Infinity'])
    it(`refuses "${text}"`, () => {
      expect(() => filmCacheLimit({ FEDOXNET_FILM_CACHE_GB: text })).to.throw('FEDOXNET_FILM_CACHE_GB');
    });
});
