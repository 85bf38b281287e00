import { expect } from 'chai';
import sharp from 'sharp';
import { classColour } from '@fedoxnet/site-agent/reports/class-colours';
import { filmOverlay } from '@fedoxnet/site-agent/reports/film-overlay';

const CLASSES = ['Mass', 'Nodule'];
const [WIDTH, HEIGHT] = [1000, 800];
/** A film of 16 bits, all of it darker than one step of 8: a ramp from left to right. */
const film = () =>
  sharp(
    Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => 100 + (i % WIDTH) / 8),
    {
      raw: { width: WIDTH, height: HEIGHT, channels: 1 },
    },
  )
    .toColourspace('grey16')
    .png()
    .toBuffer();
const lesion = { film: 'a', class: 'Nodule', score: 0.87, x: 300, y: 400, width: 200, height: 100 };

async function overlayOf(scale: number, detections = [lesion]) {
  const bytes = await sharp(await film())
    .resize(WIDTH * scale, HEIGHT * scale)
    .toColourspace('grey16')
    .png()
    .toBuffer();
  const scaled = detections.map((d) => ({
    ...d,
    ...{ x: d.x * scale, y: d.y * scale, width: d.width * scale, height: d.height * scale },
  }));
  const png = await filmOverlay({
    ...{ source: { name: 'ramp', bytes }, width: WIDTH * scale, height: HEIGHT * scale },
    ...{ detections: scaled, classes: CLASSES, title: 'film <1>', note: 'study "x" & release 3' },
  });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  return { info, pixel };
}

const rgb = (colour: string) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

describe('filmOverlay', () => {
  it('frames a lesion where it is, in the colour of its class, on the unscaled film', async () => {
    const { info, pixel } = await overlayOf(1);
    expect(info.width).to.equal(WIDTH);
    expect(info.height).to.be.within(HEIGHT + 40, HEIGHT + 100); // with the caption
    expect(info.channels).to.equal(3);
    const colour = rgb(classColour(1));
    for (const [x, y] of [
      [300, 450],
      [500, 450],
      [400, 400],
      [400, 500],
    ] as const)
      pixel(x, y).forEach((value, c) => expect(value, `${x}, ${y}`).to.be.closeTo(colour[c]!, 12));
    for (const x of [100, 400, 900]) {
      const [r, g, b] = pixel(x, 450);
      expect([r, g], 'grey').to.deep.equal([g, b]);
      expect(r).to.be.closeTo((x / 999) * 255, 5); // all of the dark film's range
    }
  });

  it('enlarges a small film and reduces a large one, boxes and all', async () => {
    const small = await overlayOf(0.1);
    expect(small.info.width).to.equal(768);
    small.pixel(Math.round(0.3 * 768), Math.round(0.45 * 768)).forEach((value, c) => {
      expect(value).to.be.closeTo(rgb(classColour(1))[c]!, 12);
    });
    expect((await overlayOf(3)).info.width).to.equal(2048);
  });

  it('leaves a film alone on which nothing was found', async () => {
    const { pixel } = await overlayOf(1, []);
    for (let x = 0; x < WIDTH; x += 37) {
      const [r, g, b] = pixel(x, 450);
      expect([r, g]).to.deep.equal([g, b]);
    }
  });
});
