import { expect } from 'chai';
import { drawPhantom } from '@fedoxnet/site-agent/phantoms/draw-phantom';
import { PHANTOM_CLASSES } from '@fedoxnet/site-agent/phantoms/lesions/lesion-kinds';
import { SCANNERS } from '@fedoxnet/site-agent/phantoms/scanner';

const SILENT = { ...SCANNERS.digital, noise: 0, marker: null };
const draw = (seed: string, classes = PHANTOM_CLASSES, size = 128) =>
  drawPhantom({ seed, size, classes, scanner: SILENT });

/** Mean grey of the pixels of a film inside a rectangle. */
function meanGrey(pixels: Uint8Array, size: number, x1: number, y1: number, x2: number, y2: number): number {
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(y1); y < y2; y++) {
    for (let x = Math.floor(x1); x < x2; x++) {
      sum += pixels[y * size + x] ?? 0;
      count++;
    }
  }
  return sum / count;
}

describe('drawPhantom', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    expect(Buffer.from(draw('a').pixels).equals(draw('a').pixels)).to.equal(true);
    expect(Buffer.from(draw('a').pixels).equals(draw('b').pixels)).to.equal(false);
  });

  it('draws the same lesions at any size, to within two pixels of the smaller film', () => {
    for (let i = 0; i < 12; i++) {
      const small = draw(`scale/${i}`, PHANTOM_CLASSES, 128);
      const large = draw(`scale/${i}`, PHANTOM_CLASSES, 256);
      expect(large.lesions.map((lesion) => lesion.class)).to.deep.equal(
        small.lesions.map((lesion) => lesion.class),
      );
      small.lesions.forEach((lesion, index) => {
        const twice = large.lesions[index];
        expect(lesion.x).to.be.closeTo((twice?.x ?? NaN) / 2, 2);
        expect(lesion.y).to.be.closeTo((twice?.y ?? NaN) / 2, 2);
        expect(lesion.width).to.be.closeTo((twice?.width ?? NaN) / 2, 3);
      });
    }
  });

  it('draws about a fifth of the films normal, and every class often enough to learn it', () => {
    const films = Array.from({ length: 200 }, (_, i) => draw(`shares/${i}`, PHANTOM_CLASSES, 64));
    const normal = films.filter((film) => film.lesions.length === 0).length;
    expect(normal).to.be.within(25, 60); // 40 ± 3 standard deviations of a binomial, and full films left empty
    for (const name of PHANTOM_CLASSES) {
      const films_ = films.filter((film) => film.lesions.some((lesion) => lesion.class === name));
      expect(films_.length, name).to.be.greaterThan(20);
    }
  });

  it('keeps every box inside its film and larger than nothing', () => {
    for (let i = 0; i < 60; i++) {
      for (const { x, y, width, height } of draw(`inside/${i}`, PHANTOM_CLASSES, 64).lesions) {
        expect(Math.min(x, y)).to.be.at.least(0);
        expect(Math.max(x + width, y + height)).to.be.at.most(64);
        expect(Math.min(width, height)).to.be.greaterThan(1);
      }
    }
  });

  it('shows fluid and tissue brighter than the other lung at the same place', () => {
    for (const name of ['Mass', 'Effusion', 'Consolidation']) {
      let brighter = 0;
      let lesions = 0;
      for (let i = 0; i < 25; i++) {
        const film = draw(`contrast/${i}`, [name]);
        const [lesion, another] = film.lesions;
        if (lesion === undefined || another !== undefined) continue;
        const { x, y, width, height } = lesion;
        const inside = meanGrey(film.pixels, 128, x, y, x + width, y + height);
        const mirrored = meanGrey(film.pixels, 128, 128 - x - width, y, 128 - x, y + height);
        lesions++;
        if (inside > mirrored) brighter++;
      }
      expect(lesions, name).to.be.greaterThan(10);
      expect(brighter / lesions, name).to.be.greaterThan(0.85);
    }
  });

  it('boxes a heart wider than 55 % of the chest as Cardiomegaly, and the heart alone', () => {
    for (let i = 0; i < 10; i++) {
      for (const heart of draw(`heart/${i}`, ['Cardiomegaly']).lesions) {
        expect(heart.width / 128).to.be.within(0.36, 0.58); // 0.56 … 0.68 of a chest about 0.72 wide
        expect(heart.x + heart.width / 2).to.be.greaterThan(64); // two thirds lie on the patient's left
      }
    }
  });
});
