import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { matchDetections } from '@fedoxnet/site-agent/evaluation/matching';
import { matchReport } from '@fedoxnet/site-agent/evaluation/match-report';

const film = (id: string, xs: number[], reading: FilmRecord['readings'][string] | null): FilmRecord => ({
  id,
  file: `${id}.png`,
  width: 100,
  height: 100,
  patient: id,
  split: 'val',
  boxes: xs.map((x) => ({ class: 'Mass', x, y: 0, width: 10, height: 10 })),
  readings: reading === null ? {} : { Mass: reading },
});
const found = (id: string, x: number, score: number) => ({
  film: id,
  class: 'Mass',
  score,
  x,
  y: 0,
  width: 10,
  height: 10,
});
const BOX = { supervision: 'box' } as const;

describe('matchDetections', () => {
  it('gives each true box to one detection, the best score first', () => {
    // Boxes 10 wide, shifted by d, overlap by (10 − d) / (10 + d): d = 2 → 2/3, d = 1 → 9/11.
    const [mass] = matchDetections(
      [film('a', [0], BOX)],
      [found('a', 1, 0.5), found('a', 2, 0.9)],
      ['Mass'],
      [0.5],
    );
    expect(mass?.byIou[0]?.detections).to.deep.equal([
      { score: 0.9, matched: true },
      { score: 0.5, matched: false }, // better placed, but the box is taken
    ]);
  });

  it('accepts an overlap of exactly the threshold and none below', () => {
    const films = [film('a', [0], BOX)];
    const at = (iou: number) =>
      matchDetections(films, [found('a', 2, 0.9)], ['Mass'], [iou])[0]?.byIou[0]?.detections[0]?.matched;
    expect(at(8 / 12)).to.equal(true);
    expect(at(8 / 12 + 1e-9)).to.equal(false);
  });

  it('lets a detection choose the box it overlaps most', () => {
    const [mass] = matchDetections(
      [film('a', [0, 6], BOX)],
      [found('a', 5, 0.9), found('a', 1, 0.8)],
      ['Mass'],
      [0.3],
    );
    expect(mass?.byIou[0]?.detections.map(({ matched }) => matched)).to.deep.equal([true, true]);
  });

  it('counts only films on which every lesion of the class is boxed', () => {
    const films = [
      film('boxed', [0], BOX),
      film('free', [], BOX),
      film('labelled', [], { supervision: 'image', present: 1 }),
      film('unread', [], null),
    ];
    const detections = films.map(({ id }) => found(id, 0, 0.7));
    const [mass] = matchDetections(films, detections, ['Mass'], [0.5]);
    expect(mass).to.include({ films: 2, truths: 1 });
    expect(mass?.byIou[0]?.detections).to.deep.equal([
      { score: 0.7, matched: true },
      { score: 0.7, matched: false },
    ]);
  });
});

describe('matchReport', () => {
  it('counts scores in bins of a thousandth, 1.0 in the last', () => {
    const detections = [1, 0.9994, 0.5, 0.5004].map((score) => ({ score, matched: true }));
    const report = matchReport(3, [
      {
        class: 'Mass',
        films: 2,
        truths: 5,
        byIou: [{ iou: 0.4, detections: [...detections, { score: 0.05, matched: false }] }],
      },
    ]);
    expect(report).to.deep.equal({
      films: 3,
      classes: [
        {
          class: 'Mass',
          films: 2,
          truths: 5,
          byIou: [
            {
              iou: 0.4,
              matched: [
                [500, 2],
                [999, 2],
              ],
              unmatched: [[50, 1]],
            },
          ],
        },
      ],
    });
  });
});
