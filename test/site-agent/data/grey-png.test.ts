import { expect } from 'chai';
import sharp from 'sharp';
import { greyPng } from '@fedoxnet/site-agent/data/grey-png';

/** As libpng's successor in libvips reads it. */
async function read(png: Uint8Array): Promise<{ width: number; height: number; pixels: number[] }> {
  const { data, info } = await sharp(png).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  expect(info.channels).to.equal(1);
  return { width: info.width, height: info.height, pixels: [...data] };
}

describe('greyPng', () => {
  for (const [width, height] of [
    [1, 1],
    [1, 7],
    [7, 1],
    [3, 2],
    [131, 67],
  ] as const) {
    it(`is read back pixel for pixel at ${width} × ${height}`, async () => {
      // 97 is prime to 256: every value, and differences of both signs.
      const pixels = Uint8Array.from({ length: width * height }, (_, i) => i * 97 + (i >> 3));
      const plane = { width, height, pixels };
      expect(await read(greyPng(plane))).to.deep.equal({ width, height, pixels: [...pixels] });
    });
  }

  it('holds the three chunks that a PNG must have, and no other', () => {
    const png = greyPng({ width: 2, height: 2, pixels: Uint8Array.of(0, 255, 255, 0) });
    const names: string[] = [];
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
      names.push(png.toString('latin1', at + 4, at + 8));
    expect(names).to.deep.equal(['IHDR', 'IDAT', 'IEND']);
  });

  it('takes an eighth of the bytes where all is black', () => {
    const [width, height] = [800, 800];
    const png = greyPng({ width, height, pixels: new Uint8Array(width * height) });
    expect(png.length).to.be.below(1.05 * ((width * height) / 8));
  });
});
