import { expect } from 'chai';
import sharp from 'sharp';
import type { Froc } from '@fedoxnet/site-agent/evaluation/froc';
import { classColour } from '@fedoxnet/site-agent/reports/class-colours';
import { frocChart } from '@fedoxnet/site-agent/reports/froc-chart';

/** Finds `sensitivity` of its lesions from half a false positive per film on, nothing before. */
const step = (sensitivity: number): Froc => ({
  films: 4,
  truths: 10,
  sensitivities: [0, 0, sensitivity, sensitivity, sensitivity, sensitivity, sensitivity],
  mean: (sensitivity * 5) / 7,
  points: [{ score: 0.9, falsePositivesPerFilm: 0.5, sensitivity }],
});
const empty: Froc = {
  films: 4,
  truths: 0,
  sensitivities: [null, null, null, null, null, null, null],
  mean: null,
  points: [],
};

describe('frocChart', () => {
  /** Rows with a pixel of the colour, in the column at this many false positives per film. */
  async function rowsOf(colour: string, rate: number): Promise<number[]> {
    const png = frocChart({
      title: 'Curves & <more>',
      subtitle: 'test',
      perClass: [
        { class: 'Mass', ...step(1) },
        { class: 'Nodule', ...empty },
        { class: 'Effusion', ...step(0.5) },
      ],
      pooled: step(0.75),
    });
    const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).to.deep.equal([2080, 1192]);
    const wanted = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    // The plot is 640 wide from 76 on, six doublings from 1/8 to 8; two pixels per unit.
    const x = Math.round(2 * (76 + (Math.log2(rate * 8) / 6) * 640));
    const below = 2 * 90; // the title, which is white too
    return Array.from({ length: info.height - below }, (_, y) => y + below).filter((y) =>
      wanted.every((value, c) => Math.abs((data[(y * info.width + x) * 3 + c] ?? 0) - value) < 30),
    );
  }
  /** The plot is 430 high from 96 on. */
  const rowOf = (sensitivity: number) => 2 * (96 + (1 - sensitivity) * 430);
  const expectLine = (rows: readonly number[], sensitivity: number) => {
    expect(rows.length).to.be.within(1, 8);
    for (const row of rows) expect(row).to.be.closeTo(rowOf(sensitivity), 5);
  };

  it('draws a staircase for each class at its height, and one for all', async () => {
    expectLine(await rowsOf(classColour(0), 3), 1);
    expectLine(await rowsOf(classColour(2), 3), 0.5);
    expectLine(await rowsOf('#f0f4f8', 3), 0.75);
    expectLine(await rowsOf('#f0f4f8', 0.3), 0); // before the step
  });

  it('leaves a class without lesions out', async () => {
    expect(await rowsOf(classColour(1), 3)).to.deep.equal([]);
  });
});
