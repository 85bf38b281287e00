import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sharp, { type Sharp } from 'sharp';
import { decodeFilm } from '@fedoxnet/site-agent/data/decode-film';
import { rejection } from '../../support/rejection.js';

/** 64 × 32, left half `low`, right half `high`. */
const halves = (low: number, high: number) =>
  Uint16Array.from({ length: 64 * 32 }, (_, i) => (i % 64 < 32 ? low : high));

/** The same PNG, claiming another size: its checksum is right, its pixels are missing. */
function pngOfSize(png: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

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
    await writeFile(at('nothing.png'), '');
    const flat = { width: 64, height: 64, channels: 1 } as const;
    await sharp(new Uint8Array(64 * 64), { raw: flat })
      .png()
      .toFile(at('black.png'));
    await sharp(new Uint8Array(64 * 64).fill(77), { raw: flat })
      .jpeg()
      .toFile(at('grey.jpg'));
    await sharp(Uint8Array.of(9), { raw: { width: 1, height: 1, channels: 1 } })
      .png()
      .toFile(at('dot.png'));
    await sharp({ create: { width: 4000, height: 40, channels: 3, background: '#333' } })
      .png()
      .toFile(at('strip.png'));
    await writeFile(at('huge.png'), pngOfSize(await readFile(at('eight.png')), 40_000, 40_000));
    const frames = await Promise.all([40, 200].map((v) => eight.clone().linear(1, v).gif().toBuffer()));
    await sharp(frames, { join: { animated: true } })
      .gif()
      .toFile(at('moving.gif'));
    await sharp(frames, { join: { animated: true } })
      .tiff()
      .toFile(at('pages.tiff'));
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

  /** The model's row 16 of a 64 × 32 film fitted into 64, which is its row 0. */
  const middleRow = async (name: string) =>
    (await decodeFilm(at(name), 64)).pixels.subarray(32 * 64, 33 * 64);
  const ramp = (step: number, from: number) =>
    Uint16Array.from({ length: 64 * 32 }, (_, i) => from + step * (i % 64));
  const wide = { width: 64, height: 32 } as const;

  it('keeps all steps of a dark film of 16 bits', async () => {
    // 64 values within one step of 8 bits.
    await sharp(ramp(4, 1024), { raw: { ...wide, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toFile(at('dark.png'));
    const row = await middleRow('dark.png');
    expect(Array.from(row)).to.deep.equal(Array.from({ length: 64 }, (_, i) => Math.round((i * 255) / 63)));
  });

  it('takes a transparent place for black, not for the colour hidden there', async () => {
    const rgba = Uint8Array.from({ length: 64 * 32 * 4 }, (_, i) => {
      const x = Math.floor(i / 4) % 64;
      return i % 4 === 3 ? (x < 32 ? 0 : 255) : x < 32 ? 255 : 128;
    });
    await sharp(rgba, { raw: { ...wide, channels: 4 } })
      .png()
      .toFile(at('transparent.png'));
    const row = await middleRow('transparent.png');
    expect([row[4], row[60]]).to.deep.equal([0, 255]);
  });

  for (const [name, write] of [
    ['palette.png', (grey: Sharp) => grey.png({ palette: true, colours: 256, dither: 0 })],
    ['cmyk.jpg', (grey: Sharp) => grey.toColourspace('cmyk').jpeg({ quality: 100 })],
    ['colour.jpg', (grey: Sharp) => grey.toColourspace('srgb').jpeg({ quality: 100 })],
    ['colour16.png', (grey: Sharp) => grey.toColourspace('rgb16').png()],
  ] as const) {
    it(`sees the same film in ${name}`, async () => {
      const grey = Uint8Array.from(ramp(3, 30));
      await write(sharp(grey, { raw: { ...wide, channels: 1 } })).toFile(at(name));
      const row = await middleRow(name);
      expect([row[0], row[63]]).to.deep.equal([0, 255]);
      // Inks do not mix in a straight line.
      row.forEach((value, x) =>
        expect(value, `column ${x}`).to.be.closeTo((x * 255) / 63, name === 'cmyk.jpg' ? 20 : 8),
      );
    });
  }

  it('reads bytes as it reads a file, and names them', async () => {
    const bytes = await readFile(at('eight.png'));
    expect(await decodeFilm({ name: 'film 7', bytes }, 32)).to.deep.equal(
      await decodeFilm(at('eight.png'), 32),
    );
    const error = await rejection(decodeFilm({ name: 'film 7', bytes: bytes.subarray(0, 60) }, 32));
    expect(error.message).to.contain('film 7');
  });

  for (const [name, reason] of [
    ['cut.jpg', 'cannot be decoded'],
    ['text.png', 'cannot be decoded'],
    ['absent.png', 'cannot be decoded'],
    ['stamp.png', '20×20'],
    ['film.webp', 'webp'],
    ['nothing.png', 'cannot be decoded'],
    ['black.png', 'all its pixels are alike'],
    ['grey.jpg', 'all its pixels are alike'],
    ['dot.png', '1×1'],
    ['strip.png', '4000×40'],
    ['huge.png', 'exceeds pixel limit'],
    ['moving.gif', 'gif'],
    ['pages.tiff', 'tiff'],
  ] as const) {
    it(`refuses ${name} by its name and reason, on one line`, async () => {
      const error = await rejection(decodeFilm(at(name), 32));
      expect(error.code).to.equal('FILM_UNREADABLE');
      expect(error.message).to.contain(name).and.contain(reason).and.not.contain('\n');
    });
  }
});
