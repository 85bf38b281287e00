import { augment } from '@fedoxnet/site-agent/training/augmentation';
import { drawGeometry, IDENTITY, warpBoxes, warpPixels } from '@fedoxnet/site-agent/training/geometry';
import { Random } from '@fedoxnet/site-agent/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** White rectangle on black. */
function filmWith(size: number, [x1, y1, x2, y2]: readonly [number, number, number, number]): Uint8Array {
  const film = new Uint8Array(size * size);
  for (let y = y1; y < y2; y++) film.fill(255, y * size + x1, y * size + x2);
  return film;
}
/** Bounding box of what is at least half white. */
function whiteBox(film: Uint8Array, size: number): number[] {
  const xs: number[] = [];
  const ys: number[] = [];
  film.forEach((v, i) => {
    if (v < 128) return;
    xs.push(i % size);
    ys.push(Math.floor(i / size));
  });
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

describe('geometry', () => {
  it('leaves a film as it is by default', () => {
    const film = Uint8Array.from({ length: 16 }, (_, i) => i);
    expect(warpPixels(film, 4, { ...IDENTITY })).to.deep.equal(film);
  });

  it('shifts pixels and boxes by the same amount', () => {
    const shifted = { ...IDENTITY, shiftX: 2, shiftY: -3 };
    const film = warpPixels(filmWith(16, [6, 5, 10, 9]), 16, shifted);
    expect(whiteBox(film, 16)).to.deep.equal([4, 8, 8, 12]);
    expect([...warpBoxes(Float32Array.of(6, 5, 10, 9), 16, shifted).boxes]).to.deep.equal([4, 8, 8, 12]);
  });

  it('mirrors pixels and boxes alike', () => {
    const mirrored = { ...IDENTITY, scaleX: -1, shiftX: 16 };
    const film = warpPixels(filmWith(16, [1, 2, 5, 6]), 16, mirrored);
    expect(whiteBox(film, 16)).to.deep.equal([11, 2, 15, 6]);
    expect([...warpBoxes(Float32Array.of(1, 2, 5, 6), 16, mirrored).boxes]).to.deep.equal([11, 2, 15, 6]);
  });

  it('keeps every drawn box on its lesion, within a pixel', () => {
    const random = new Random('drawn geometry');
    for (let i = 0; i < 50; i++) {
      const geometry = drawGeometry(random, 64, 0.1, i % 2 === 0);
      const film = warpPixels(filmWith(64, [24, 20, 40, 44]), 64, geometry);
      const { boxes } = warpBoxes(Float32Array.of(24, 20, 40, 44), 64, geometry);
      whiteBox(film, 64).forEach((side, k) => expect(boxes[k]).to.be.closeTo(side, 1));
    }
  });

  it('draws shift and zoom within the jitter', () => {
    const random = new Random('range');
    for (let i = 0; i < 200; i++) {
      const { scaleX, scaleY, shiftX } = drawGeometry(random, 100, 0.1, false);
      expect(scaleX).to.be.within(0.9, 1.1);
      expect(scaleY).to.equal(scaleX);
      expect(shiftX + 50 * scaleX).to.be.within(40, 60); // where the film's centre comes from
    }
  });

  it('clips a box to the film and drops it when less than 30 % is left', () => {
    const boxes = Float32Array.of(0, 0, 10, 10, 0, 20, 10, 30);
    expect(
      [...warpBoxes(boxes, 100, { ...IDENTITY, shiftX: 6.9 }).boxes].slice(0, 4).map(Math.fround),
    ).to.deep.equal([0, 0, 3.1, 10].map(Math.fround));
    expect(warpBoxes(boxes, 100, { ...IDENTITY, shiftX: 7.1 }).kept).to.deep.equal([]);
    expect(warpBoxes(boxes, 100, { ...IDENTITY, shiftY: 15 }).kept).to.deep.equal([1]);
  });
});

describe('augmentation', () => {
  const film = Uint8Array.from({ length: 32 * 32 }, (_, i) => (i * 7) % 256);
  const draw = (photometric: number, jitter: number, seed: string) =>
    augment(
      film,
      Float32Array.of(8, 8, 16, 16, 0, 0, 1, 1),
      Int32Array.of(3, 1),
      32,
      { photometric, jitter, flip: false },
      new Random(seed),
    );

  it('shows student and teacher the same film when nothing photometric is drawn', () => {
    const { student, teacher } = draw(0, 0.2, 'a');
    expect(student).to.equal(teacher);
    expect(teacher).to.not.deep.equal(film);
  });

  it('changes the student’s film alone', () => {
    const { student, teacher } = draw(1, 0, 'b');
    expect(teacher).to.deep.equal(film);
    expect(student).to.not.deep.equal(film);
  });

  it('keeps the classes of the boxes it keeps', () => {
    let dropped = 0;
    for (let i = 0; i < 30; i++) {
      const { boxes, boxClasses } = draw(0, 0.2, `classes ${i}`);
      const sides = [...boxClasses].map((_, b) => boxes[4 * b + 2]! - boxes[4 * b]!);
      // Class 3 is the box of 8 pixels and never leaves; class 1 is the one of 1 pixel in the corner.
      expect([...boxClasses]).to.deep.equal(sides.length === 2 ? [3, 1] : [3]);
      expect(sides[0]).to.be.above(6);
      dropped += 2 - sides.length;
    }
    expect(dropped).to.be.within(1, 29);
  });
});
