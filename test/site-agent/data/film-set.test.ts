import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { loadFilmSet } from '@fedoxnet/site-agent/data/film-set';
import { filmRecord } from './support/film-record.js';

describe('loadFilmSet', () => {
  let folder: string;
  const load = (onProgress?: () => void) =>
    loadFilmSet({
      catalogueFolder: folder,
      split: 'train',
      classes: ['Mass'],
      size: 32,
      cacheFolder: join(folder, 'cache'),
      ...(onProgress && { onProgress }),
    });
  /** White on black: left half of film a, right half of film d. */
  const draw = (id: string, left: number, right: number) =>
    sharp(
      Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 64 < 32 ? left : right)),
      { raw: { width: 64, height: 64, channels: 1 } },
    )
      .png()
      .toFile(join(folder, `${id}.png`));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-films-'));
    await draw('a', 255, 0);
    await writeFile(join(folder, 'broken.png'), 'no picture');
    await draw('small', 0, 255);
    await draw('d', 0, 255);
    await draw('held', 0, 255);
    await writeCatalogue(folder, {
      version: 1,
      source: 'test',
      classes: ['Mass'],
      films: [
        filmRecord('a'),
        filmRecord('broken'),
        filmRecord('small', { width: 65 }),
        filmRecord('absent'),
        filmRecord('d'),
        filmRecord('held', { split: 'val' }),
      ],
    });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const sides = (pixels: Uint8Array) => [pixels[33], pixels[62]];

  it('sets unusable films aside with their reasons and keeps the others in order', async () => {
    const set = await load();
    expect(set.films.map(({ id }) => id)).to.deep.equal(['a', 'd']);
    expect(set.records.map(({ id }) => id)).to.deep.equal(['a', 'd']);
    expect(sides(set.pixels(0))).to.deep.equal([255, 0]);
    expect(sides(set.pixels(1))).to.deep.equal([0, 255]);
    expect(set.setAside.map(({ id }) => id)).to.deep.equal(['broken', 'small', 'absent']);
    expect(set.setAside[1]?.reason).to.contain('64×64').and.contain('65×64');
    expect(() => set.pixels(2)).to.throw(RangeError);
  });

  it('decodes once: a second load reads the same films and tries only the unusable ones again', async () => {
    const first = await load();
    let decoded = 0;
    const second = await load(() => decoded++);
    expect(decoded).to.equal(2); // broken and absent
    expect(second.setAside).to.deep.equal(first.setAside);
    expect([...second.pixels(1)]).to.deep.equal([...first.pixels(1)]);
  });

  it('decodes again when an image was replaced', async () => {
    await load();
    await draw('a', 0, 255);
    await utimes(join(folder, 'a.png'), new Date(), new Date(Date.now() + 5000));
    expect(sides((await load()).pixels(0))).to.deep.equal([0, 255]);
  });
});
