import { expect } from 'chai';
import sharp from 'sharp';
import { filmSheet } from '@fedoxnet/site-agent/reports/film-sheet';
import { classColour } from '@fedoxnet/site-agent/reports/class-colours';

describe('filmSheet', () => {
  const grey = { pixels: new Uint8Array(100 * 50).fill(90), width: 100, height: 50 };
  const films = [0, 1, 2].map((index) => ({
    image: grey,
    width: 100,
    height: 50,
    caption: `film ${index} <of> 3 & more`,
    truths: index === 0 ? [{ class: 'Mass', x: 20, y: 10, width: 60, height: 30 }] : [],
    detections: [],
  }));
  const sheet = (list = films) =>
    filmSheet({ title: 'T', subtitle: 'S', classes: ['Nodule', 'Mass'], films: list, columns: 2, tile: 200 });

  it('lays films out in rows of its columns', async () => {
    const { width, height, format } = await sharp(await sheet()).metadata();
    expect(format).to.equal('png');
    expect(width).to.equal(2 * 24 + 2 * 200 + 12);
    const oneRow = await sharp(await sheet(films.slice(0, 2))).metadata();
    expect(height - oneRow.height).to.equal(200 + 24 + 12);
  });

  it("draws a true box in its class's colour where it lies on the letterboxed film", async () => {
    const { data, info } = await sharp(await sheet())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => {
      const start = (y * info.width + x) * info.channels;
      return [...data.subarray(start, start + 3)];
    };
    // Scale 2, 50 rows of black above: the left edge is at x = 40, mid height at y = 50 + 50; the tile starts at 24, 94.
    const colour = [1, 3, 5].map((from) => parseInt(classColour(1).slice(from, from + 2), 16));
    at(24 + 40, 94 + 100).forEach((value, i) => expect(value).to.be.closeTo(colour[i] ?? NaN, 12));
    at(24 + 100, 94 + 100).forEach((value) => expect(value).to.be.closeTo(90, 12)); // the film inside the box
    at(24 + 100, 94 + 20).forEach((value) => expect(value).to.be.below(12)); // black above it
  });
});
