import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { renderFilm } from '@fedoxnet/site-agent/data/dicom/render-film';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';
import { readPixelFormat } from '@fedoxnet/site-agent/data/dicom/pixel-format';
import { askPython, whyNoPython } from '../../../shared/python-peer.js';
import { skipBecause } from '../../../support/skip-because.js';
import { dicomFile, pixelElements, type Element, type FilmPixels } from './dicom-file.js';
import { requirePrograms, runProgram } from './programs.js';
import { readRealFilm, requireRealFilms } from './real-films.js';

async function render(bytes: Uint8Array): Promise<GreyPlane> {
  const { dataSet, syntax } = parseDicomFile(bytes);
  return renderFilm(dataSet, syntax, readPixelFormat(dataSet));
}

/** 32 × 32 with the numbers 0 … 1023, or −512 … 511 where signed. */
const ramp = (signed = false): FilmPixels => ({
  columns: 32,
  rows: 32,
  bitsAllocated: 16,
  bitsStored: 12,
  signed,
  values: Array.from({ length: 1024 }, (_, i) => (signed ? i - 512 : i)),
});
const film = (elements: readonly Element[], pixels = ramp()): Buffer =>
  dicomFile([...pixelElements(pixels), ...elements]);
const greys = async (elements: readonly Element[], pixels = ramp()): Promise<number[]> => {
  const { pixels: plane } = await render(film(elements, pixels));
  return [0, 255, 512, 767, 1023].map((i) => plane[i] as number);
};
const window = (center: string, width: string): Element[] => [
  ['00281050', 'DS', center],
  ['00281051', 'DS', width],
];
/** Doubles its input: 0 … 1023 → 0 … 2046. */
const doubling = Array.from({ length: 1024 }, (_, i) => 2 * i);

describe('the display pipeline', () => {
  it('windows what slope and intercept made, then turns polarity', async () => {
    // value = 2 · stored − 1000, −1000 … 1046; the window covers −1000 … 1046 by LINEAR_EXACT.
    const elements: Element[] = [
      ['00281053', 'DS', '2'],
      ['00281052', 'DS', '-1000'],
      ...window('23', '2046'),
      ['00281056', 'CS', 'LINEAR_EXACT'],
    ];
    expect(await greys(elements)).to.deep.equal([0, 64, 128, 191, 255]);
    const inverse = await greys([...elements, ['20500020', 'CS', 'INVERSE']]);
    expect(inverse).to.deep.equal([255, 191, 127, 64, 0]);
  });

  it('turns MONOCHROME1 once, also where Presentation LUT Shape says it again', async () => {
    const elements = window('512', '1024');
    const mono1 = { ...ramp(), photometric: 'MONOCHROME1' };
    expect(await greys(elements, mono1)).to.deep.equal([255, 191, 127, 64, 0]);
    expect(await greys([...elements, ['20500020', 'CS', 'INVERSE']], mono1)).to.deep.equal([
      255, 191, 127, 64, 0,
    ]);
  });

  it('takes signed values below zero', async () => {
    expect(await greys(window('0', '1024'), ramp(true))).to.deep.equal([0, 64, 128, 191, 255]);
  });

  it('takes the first item of a Modality LUT Sequence before slope, and the first usable window of several', async () => {
    const modality: Element = [
      '00283000',
      'SQ',
      [
        [
          ['00283002', 'US', [1024, 0, 16]],
          ['00283006', 'US', doubling],
        ],
      ],
    ];
    expect(
      await greys([modality, ['00281053', 'DS', '9'], ...window('1024\\100', '2048\\50')]),
    ).to.deep.equal([0, 64, 128, 191, 255]);
    expect(await greys(window('5\\512', '0\\1024'))).to.deep.equal([0, 64, 128, 191, 255]);
  });

  it('takes a VOI LUT before a window; inputs outside its table take its ends', async () => {
    const voi: Element = [
      '00283010',
      'SQ',
      [
        [
          ['00283002', 'US', [512, 256, 8]],
          ['00283006', 'US', Array.from({ length: 512 }, (_, i) => i >> 1)],
        ],
      ],
    ];
    // Input 256 is entry 0, 767 entry 511 = 255.
    expect(await greys([voi, ...window('512', '1024')])).to.deep.equal([0, 0, 128, 255, 255]);
  });

  it('shows 8 bits without a window as they are, more bits from the 0.5th to the 99.5th percentile', async () => {
    const eight = { ...ramp(), bitsAllocated: 8, bitsStored: 8, values: ramp().values } as const;
    const { pixels } = await render(film([], { ...eight, values: Array.from(eight.values, (v) => v >> 2) }));
    expect([pixels[0], pixels[400], pixels[1023]]).to.deep.equal([0, 100, 255]);
    // 1024 · 0.005 = 5.1: the percentiles are the values 5 and 1018.
    const twelve = (await render(film([]))).pixels;
    expect([5, 6, 512, 1017, 1018].map((i) => twelve[i])).to.deep.equal([0, 0, 128, 255, 255]);
  });

  it('lets a window that does not fit the film alone', async () => {
    expect(await greys(window('60000', '10'))).to.deep.equal(await greys([]));
  });

  it('makes padding black and leaves it out of the percentiles', async () => {
    const padded = { ...ramp(), values: Array.from(ramp().values, (v) => (v < 512 ? 4000 : v)) };
    const { pixels } = await render(film([['00280120', 'US', 4000]], padded));
    expect([pixels[0], pixels[511]]).to.deep.equal([0, 0]);
    expect(pixels[767]).to.be.within(126, 129); // the middle of 512 … 1023
    const range: Element[] = [
      ['00280120', 'US', 3990],
      ['00280121', 'US', 4010],
    ];
    expect((await render(film(range, padded))).pixels).to.deep.equal(pixels);
  });

  it('makes colours grey by their luma, in either planar configuration', async () => {
    const colours = { columns: 32, rows: 32, bitsAllocated: 8, bitsStored: 8, samples: 3 } as const;
    const beside = Array.from({ length: 3072 }, (_, i) => [200, 100, 50][i % 3] as number);
    const apart = Array.from({ length: 3072 }, (_, i) => [200, 100, 50][Math.floor(i / 1024)] as number);
    const luma = 124; // 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2
    const rgb = await render(film([], { ...colours, photometric: 'RGB', values: beside }));
    const planar = film([['00280006', 'US', 1]], { ...colours, photometric: 'RGB', values: apart });
    const ybr = await render(film([], { ...colours, photometric: 'YBR_FULL', values: beside }));
    expect(new Set(rgb.pixels)).to.deep.equal(new Set([luma]));
    expect(new Set((await render(planar)).pixels)).to.deep.equal(new Set([luma]));
    expect(new Set(ybr.pixels)).to.deep.equal(new Set([200])); // Y is the luma
  });

  describe('on real films', () => {
    before(function () {
      requireRealFilms(this);
    });

    it('shows the MONOCHROME1 and the MONOCHROME2 twin alike', async () => {
      const one = await render(readRealFilm('chest_small_cr_mono1_15bit_explicit_le.dcm'));
      const two = await render(readRealFilm('chest_small_cr_mono2_15bit_explicit_le.dcm'));
      const worst = one.pixels.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (two.pixels[i] as number))),
        0,
      );
      expect(worst).to.be.at.most(1);
    });

    it('agrees with dcm2pnm, which cuts where we round', async function () {
      requirePrograms(this, 'dcm2pnm');
      const folder = mkdtempSync(join(tmpdir(), 'fedoxnet-display-'));
      try {
        for (const [name, window] of [
          ['chest_small_cr_mono1_15bit_rle.dcm', '+Wi'],
          ['chest_small_cr_mono2_15bit_explicit_le.dcm', '+Wi'],
          ['nih_chest_dx_mono2_8bit_implicit.dcm', null],
        ] as const) {
          const path = join(folder, 'film.dcm');
          writeFileSync(path, readRealFilm(name));
          const picture = join(folder, 'film.pgm');
          runProgram('dcm2pnm', ...(window === null ? [] : [window, '1']), path, picture);
          const { pixels } = await render(readRealFilm(name));
          const peer = readFileSync(picture).subarray(-pixels.length);
          const worst = pixels.reduce(
            (most, value, i) => Math.max(most, Math.abs(value - (peer[i] as number))),
            0,
          );
          expect(worst, name).to.be.at.most(1);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  it('agrees with pydicom on tables, windows of each function, signs and slopes', async function () {
    const missing = whyNoPython(['pydicom', 'numpy']);
    if (missing !== null) skipBecause(this, missing);
    const modality: Element = [
      '00283000',
      'SQ',
      [
        [
          ['00283002', 'US', [1000, 10, 16]],
          ['00283006', 'US', doubling.slice(0, 1000)],
        ],
      ],
    ];
    const voi = (first: number, vr: string): Element => [
      '00283010',
      'SQ',
      [
        [
          ['00283002', vr, [600, first, 12]],
          ['00283006', 'US', Array.from({ length: 600 }, (_, i) => Math.round(4095 * (i / 599) ** 2))],
        ],
      ],
    ];
    const slope: Element[] = [
      ['00281052', 'DS', '-37.5'],
      ['00281053', 'DS', '1.25'],
    ];
    const films = [
      film([...slope, ...window('300', '700')]),
      film([...slope, ...window('300', '700'), ['00281056', 'CS', 'SIGMOID']]),
      film([...slope, ...window('300', '700.5'), ['00281056', 'CS', 'LINEAR_EXACT']], ramp(true)),
      film([modality, ...window('900', '1500')]),
      film([voi(100, 'US')]),
      film([voi(-200, 'SS')], ramp(true)),
    ];
    const peer = askPython(
      'dicom_peer.py',
      'display',
      films.map((bytes) => bytes.toString('base64')),
    ) as number[][];
    for (const [index, bytes] of films.entries()) {
      const { pixels } = await render(bytes);
      const worst = pixels.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (peer[index]?.[i] ?? NaN))),
        0,
      );
      expect(worst, `film ${index}`).to.be.at.most(0.5 + 1e-6);
    }
  });
});
