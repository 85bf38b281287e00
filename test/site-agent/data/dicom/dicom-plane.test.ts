import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeFilm } from '@fedoxnet/site-agent/data/decode-film';
import { readDicomPlane } from '@fedoxnet/site-agent/data/dicom/dicom-plane';
import { rejection } from '../../../support/rejection.js';
import { dicomFile, pixelElements, type FilmPixels } from './dicom-file.js';

/** 64 × 32, left half 100, right half 3000, of 12 bits. */
const halves: FilmPixels = {
  columns: 64,
  rows: 32,
  bitsAllocated: 16,
  bitsStored: 12,
  values: Array.from({ length: 64 * 32 }, (_, i) => (i % 64 < 32 ? 100 : 3000)),
};

describe('a DICOM film in a catalogue', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'fedoxnet-plane-'))));
  after(() => rmSync(folder, { recursive: true }));

  it('is decoded like a PNG of what it is meant to show', async () => {
    const path = join(folder, 'film.dcm');
    writeFileSync(path, dicomFile(pixelElements({ ...halves, photometric: 'MONOCHROME1' })));
    const { width, height, pixels } = await decodeFilm(path, 32);
    expect([width, height]).to.deep.equal([64, 32]);
    const row = pixels.subarray(16 * 32, 17 * 32);
    expect(row[2]).to.be.above(249); // MONOCHROME1: the smaller value is white
    expect(row[29]).to.be.below(6);
    expect(new Set(pixels.subarray(0, 32))).to.deep.equal(new Set([0]));
  });

  it('that is damaged is refused by its name and reason', async () => {
    const path = join(folder, 'cut.dcm');
    writeFileSync(path, dicomFile(pixelElements({ ...halves, rows: 40 })));
    const error = await rejection(decodeFilm(path, 32));
    expect(error.code).to.equal('FILM_UNREADABLE');
    expect(error.message).to.include('cut.dcm').and.include('bytes');
  });

  it('is told by its bytes, not its name', async () => {
    expect(await readDicomPlane(Buffer.from('not a film at all'))).to.equal(null);
    expect((await readDicomPlane(dicomFile(pixelElements(halves))))?.width).to.equal(64);
  });
});
