import { expect } from 'chai';
import sharp from 'sharp';
import { parseDicomFile } from '@fedoxnet/site-agent/data/dicom/data-set';
import { readPixelFormat } from '@fedoxnet/site-agent/data/dicom/pixel-format';
import { scaledDown } from '@fedoxnet/site-agent/data/dicom/prepare-film';
import { renderFilm } from '@fedoxnet/site-agent/data/dicom/render-film';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';
import { centredRanks, lookAtChest, turnedClockwise } from '@fedoxnet/site-agent/data/inspection/chest-look';
import { inspectFilm } from '@fedoxnet/site-agent/data/inspection/inspect-film';
import { drawPhantom } from '@fedoxnet/site-agent/phantoms/draw-phantom';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';
import { rasterize } from '@fedoxnet/site-agent/reports/rasterize';
import { negative, turnedRight } from '../dicom/phantom-dicom.js';
import { readRealFilm, requireRealFilms } from '../dicom/real-films.js';

const SIDE = 1000;
const reasons = (plane: GreyPlane): string[] => inspectFilm(plane).map(({ reason }) => reason);
const square = (pixels: Uint8Array): GreyPlane => ({ width: SIDE, height: SIDE, pixels });

describe('a look at the picture of a film', () => {
  let pixels: Uint8Array;
  before(() => {
    ({ pixels } = drawPhantom({ seed: 'look', size: SIDE, classes: [], scanner: SCANNERS.digital }));
  });

  it('ranks greys around nought, equal ones alike, and turns its grid by a quarter', () => {
    // Ranks −1.5, −0.5, 0.5, 1.5 of four values; the two equal ones share 0.
    const ranks = centredRanks(Float64Array.from([9, 5, 5, 1]));
    const length = Math.hypot(1.5, 1.5);
    [1.5 / length, 0, 0, -1.5 / length].forEach((rank, i) => expect(ranks[i]).to.be.closeTo(rank, 1e-12));
    expect([...centredRanks(Float64Array.from([7, 7, 7, 7]))]).to.deep.equal([0, 0, 0, 0]);
    // 1 2      3 1
    // 3 4  →   4 2
    expect([...turnedClockwise(Float64Array.from([1, 2, 3, 4]))]).to.deep.equal([3, 1, 4, 2]);
  });

  it('finds nothing wrong with an upright chest', () => {
    expect(reasons(square(pixels))).to.deep.equal([]);
    expect(lookAtChest(square(pixels))).to.deep.include({ turns: 0, inverted: false });
  });

  it('says by how many quarters a film must be turned back, and whether it is a negative', () => {
    let turned = pixels;
    for (const turns of [3, 2, 1] as const) {
      turned = turnedRight(turned, SIDE);
      expect(lookAtChest(square(turned)), `${turns}`).to.deep.include({ turns, inverted: false });
      expect(reasons(square(turned))).to.deep.equal(['turned']);
      expect(reasons(square(negative(turned)))).to.deep.equal(['turned', 'inverted']);
    }
    expect(reasons(square(negative(pixels)))).to.deep.equal(['inverted']);
  });

  it('takes something else for no chest', () => {
    const stripes = pixels.map((_, i) => (Math.floor((i % SIDE) / 50) % 2 === 0 ? 40 : 200));
    expect(reasons(square(stripes))).to.include('not-a-chest');
    expect(reasons(square(new Uint8Array(SIDE * SIDE)))).to.include('not-a-chest');
  });

  for (const [what, text, size, flagged] of [
    ['a name with a date', 'MUSTER^ANNA 1961-03-12 4711', 16, true],
    ['large print', 'MUSTER^ANNA 1961-03-12 4711', 36, true],
    ['dark print', 'MUSTER^ANNA 1961-03-12 4711', 20, true],
    ['a side marker', 'L', 40, false],
    ['one word of a marker', 'PORTABLE', 24, false],
  ] as const) {
    it(`${flagged ? 'flags' : 'passes'} ${what} in the pixels`, async () => {
      const fill = what === 'dark print' ? 'black' : 'white';
      const back = what === 'dark print' ? `<rect x="30" y="50" width="700" height="60" fill="#bbb"/>` : '';
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">${back}
        <text x="60" y="90" font-size="${size / 0.73}" fill="${fill}">${text}</text></svg>`;
      const printed = await sharp(Buffer.from(pixels), { raw: { width: SIDE, height: SIDE, channels: 1 } })
        .composite([{ input: rasterize(svg) }])
        .toColourspace('b-w')
        .raw()
        .toBuffer();
      expect(reasons(square(new Uint8Array(printed)))).to.deep.equal(flagged ? ['burned-in-text'] : []);
    });
  }

  it('on real films: flags the one with a name burned in, and not its twin', async function () {
    requireRealFilms(this);
    const look = async (name: string): Promise<string[]> => {
      const { dataSet, syntax } = parseDicomFile(readRealFilm(name));
      return reasons(await scaledDown(await renderFilm(dataSet, syntax, readPixelFormat(dataSet)), SIDE));
    };
    expect(await look('synthetic_phi_dx_3_burned_in.dcm')).to.deep.equal(['burned-in-text']);
    expect(await look('synthetic_phi_dx_1.dcm')).to.deep.equal([]);
    expect(await look('rg1_chest_cr_mono1_15bit_j2k_lossy.dcm')).to.deep.equal([]);
    expect(await look('rg3_leg_cr_mono1_10bit_j2k_lossless.dcm')).to.include('not-a-chest');
  });
});
