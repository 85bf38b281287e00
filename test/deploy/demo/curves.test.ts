import { lossPicture, precisionPicture } from '#demo/curves';
import { expect } from 'chai';
import sharp from 'sharp';
import { studyStatus } from '../../browser/support/study-status.js';

/** Pixels of the picture that are close to `colour`. */
async function count(png: Buffer, [red, green, blue]: readonly [number, number, number]): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let pixels = 0;
  for (let i = 0; i < data.length; i += info.channels) {
    const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
    if (Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 12) pixels += 1;
  }
  return pixels;
}

const FIRST_SERIES = [0x00, 0x72, 0xb2] as const;
const NO_SERIES = [0xff, 0x00, 0xff] as const;

describe('curves of the demo', () => {
  for (const [name, draw] of Object.entries({ precisionPicture, lossPicture })) {
    it(`${name} draws the lines of a study on white, with its heading`, async () => {
      const png = draw(studyStatus());
      const { width, height } = await sharp(png).metadata();
      expect(width).to.equal(2 * (900 + 48));
      expect(height).to.be.greaterThan(600);
      expect(await count(png, FIRST_SERIES)).to.be.greaterThan(300);
      expect(await count(png, NO_SERIES)).to.equal(0);
      const heading = await sharp(png).extract({ left: 48, top: 48, width: 700, height: 60 }).toBuffer();
      expect(await count(heading, [0x17, 0x22, 0x2d])).to.be.greaterThan(500);
    });

    it(`${name} draws a study that has not begun`, async () => {
      const png = draw({ ...studyStatus(), history: [] });
      expect(await count(png, [255, 255, 255])).to.be.greaterThan(100_000);
    });
  }
});
