import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp from 'sharp';
import { decodeFilm } from '@fedoxnet/site-agent/data/decode-film';
import { rejection } from './rejection.js';

/** 64 × 32, left half `low`, right half `high`. */
const halves = (low: number, high: number) =>
  Uint16Array.from({ length: 64 * 32 }, (_, i) => (i % 64 < 32 ? low : high));

describe('decodeFilm', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-decode-'));
    const raw = { width: 64, height: 32, channels: 1 } as const;
    await sharp(halves(1000, 5000), { raw }).toColourspace('grey16').png().toFile(at('sixteen.png'));
    const eight = sharp(Uint8Array.from(halves(60, 160)), { raw });
    await eight.clone().toColourspace('b-w').png().toFile(at('eight.png'));
    await eight.clone().toColourspace('b-w').jpeg({ quality: 95 }).toFile(at('eight.jpg'));
    await eight.clone().toColourspace('srgb').ensureAlpha().png().toFile(at('rgba.png'));
    await eight.clone().resize(20, 20).png().toFile(at('stamp.png'));
    await eight.clone().webp().toFile(at('film.webp'));
    await writeFile(at('cut.jpg'), (await readFile(at('eight.jpg'))).subarray(0, -20));
    await writeFile(at('text.png'), 'not a picture');
  });
  after(() => rm(folder, { recursive: true }));

  for (const name of ['eight.png', 'sixteen.png', 'rgba.png', 'eight.jpg']) {
    it(`stretches ${name} to the whole range and centres it on black`, async () => {
      const { width, height, pixels } = await decodeFilm(at(name), 32);
      expect([width, height]).to.deep.equal([64, 32]);
      const row = (y: number) => pixels.subarray(y * 32, (y + 1) * 32);
      expect(new Set(row(7))).to.deep.equal(new Set([0])); // 16 rows high: rows 8 … 23
      expect(new Set(row(24))).to.deep.equal(new Set([0]));
      expect(row(16)[2]).to.be.below(6);
      expect(row(16)[29]).to.be.above(249);
    });
  }

  it('makes a film of one grey value black', async () => {
    const raw = { width: 64, height: 64, channels: 1 } as const;
    await sharp(new Uint8Array(64 * 64).fill(77), { raw })
      .png()
      .toFile(at('flat.png'));
    const { pixels } = await decodeFilm(at('flat.png'), 32);
    expect(pixels.every((value) => value === 0)).to.equal(true);
  });

  for (const [name, reason] of [
    ['cut.jpg', 'cannot be decoded'],
    ['text.png', 'cannot be decoded'],
    ['absent.png', 'cannot be decoded'],
    ['stamp.png', '20×20'],
    ['film.webp', 'webp'],
  ] as const) {
    it(`refuses ${name} by its name and reason, on one line`, async () => {
      const error = await rejection(decodeFilm(at(name), 32));
      expect(error.code).to.equal('FILM_UNREADABLE');
      expect(error.message).to.contain(name).and.contain(reason).and.not.contain('\n');
    });
  }
});
