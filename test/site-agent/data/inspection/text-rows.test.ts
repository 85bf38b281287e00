import { expect } from 'chai';
import { areaMean } from '@fedoxnet/site-agent/data/inspection/area-mean';
import { hasBurnedInText } from '@fedoxnet/site-agent/data/inspection/burned-in-text';
import {
  CONTRAST,
  CROSSINGS,
  GAP,
  rowsForText,
  STROKE,
} from '@fedoxnet/site-agent/data/inspection/text-rows';
import { Random } from '@fedoxnet/site-agent/random';

/** Whether enough strokes at short distances cross a row, straight from the words of the definition. */
function hasLine(row: readonly number[]): boolean {
  const stroke = row.map((value, x) => {
    const reaches = (side: readonly number[]): boolean => side.some((other) => other <= value - CONTRAST);
    return x >= STROKE && reaches(row.slice(x - STROKE, x)) && reaches(row.slice(x + 1, x + 1 + STROKE));
  });
  let [count, last] = [0, -Infinity];
  for (const [x, is] of stroke.entries()) {
    if (!is) continue;
    if (x - last > GAP) count = 0;
    if (stroke[x - 1] !== true) count++;
    if (count >= CROSSINGS) return true;
    last = x;
  }
  return false;
}

describe('rows that text may cross', () => {
  const seed = String(Date.now());
  const random = new Random(seed);

  it(`are never left out when a line crosses them (seed ${seed})`, () => {
    let [lines, kept, all] = [0, 0, 0];
    for (let trial = 0; trial < 150; trial++) {
      const [width, height] = [60 + Math.floor(random.uniform() * 120), 8];
      const density = random.uniform() * 0.5;
      const strength = 30 + random.uniform() * 60;
      const pixels = Uint8Array.from({ length: width * height }, () => {
        const ground = 90 + random.uniform() * 12;
        return ground + (random.uniform() < density ? strength : 0);
      });
      const { bright, dark } = rowsForText({ width, height, pixels });
      for (let y = 0; y < height; y++) {
        const row = [...pixels.subarray(y * width, (y + 1) * width)];
        const negative = row.map((value) => 255 - value);
        if (hasLine(row)) expect(bright[y], `bright, trial ${trial}, row ${y}`).to.equal(1);
        if (hasLine(negative)) expect(dark[y], `dark, trial ${trial}, row ${y}`).to.equal(1);
        lines += Number(hasLine(row)) + Number(hasLine(negative));
        kept += (bright[y] as number) + (dark[y] as number);
        all += 2;
      }
    }
    expect(lines).to.be.above(50); // the films are such that the claim says something
    expect(kept).to.be.below(all);
  });

  it('are few on a film without text, and all of a line of letters', () => {
    const [width, height] = [240, 40];
    const slope = Uint8Array.from({ length: width * height }, (_, at) => at % width);
    const none = rowsForText({ width, height, pixels: slope });
    expect([...none.bright, ...none.dark].every((flag) => flag === 0)).to.equal(true);
    const text = Uint8Array.from(slope, (value, at) => {
      const [x, y] = [at % width, Math.floor(at / width)];
      return y >= 10 && y < 20 && x >= 20 && x < 200 && x % 5 < 2 ? 255 : value / 2;
    });
    const { bright } = rowsForText({ width, height, pixels: text });
    expect([...bright.subarray(9, 21)]).to.deep.equal([0, ...Array<number>(10).fill(1), 0]);
    expect(hasBurnedInText({ width, height, pixels: text })).to.equal(true);
    expect(hasBurnedInText({ width, height, pixels: slope })).to.equal(false);
  });
});

describe('mean grey of areas', () => {
  it('counts each pixel in one cell, also where cells do not divide the film', () => {
    // Five columns into two cells: columns 0–2 and 3–4, as floor(x · 2 / 5) says.
    const film = { width: 5, height: 2, pixels: Uint8Array.of(1, 2, 3, 10, 20, 5, 6, 7, 30, 40) };
    expect([...areaMean(film, 2, 2)]).to.deep.equal([2, 15, 6, 35]);
    expect([...areaMean(film, 1, 1)]).to.deep.equal([12.4]);
  });
});
