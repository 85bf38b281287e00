import { expect } from 'chai';
import { DETECTION_DEFAULTS, detectOnFilm } from '@fedoxnet/site-agent/evaluation/detect';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';

const anchors = anchorGrid({ size: 64, levels: [3, 5], anchorScale: 2 });
const CLASSES = 2;
/** An untrained network: every score about .01. */
const quiet = () => ({
  logits: new Float32Array(anchors.count * CLASSES).fill(Math.log(0.01 / 0.99)),
  deltas: new Float32Array(anchors.count * 4),
});
const logit = (score: number) => Math.log(score / (1 - score));

describe('detectOnFilm', () => {
  it('sees nothing where every score lies below the floor', () => {
    expect(detectOnFilm(quiet(), anchors, CLASSES)).to.deep.equal([]);
  });

  it('decodes the anchor that fires, with its class and score', () => {
    const outputs = quiet();
    // Cell (row 3, column 4) of P3, square anchor at its base scale: ratio 1 is the second, scale 1 the first: 3.
    const anchor = (3 * 8 + 4) * 9 + 3;
    outputs.logits[anchor * CLASSES + 1] = logit(0.8);
    outputs.deltas[anchor * 4] = 2.5; // dx = 2.5 · 0.1 · 16 px = 4 px to the right
    const [detection, ...others] = detectOnFilm(outputs, anchors, CLASSES);
    expect(others).to.deep.equal([]);
    expect(detection?.classIndex).to.equal(1);
    expect(detection?.score).to.be.closeTo(0.8, 1e-6);
    // Centre (36 + 4, 28), side 2 · 8 = 16.
    [32, 20, 48, 36].forEach((side, i) => expect(detection?.box[i]).to.be.closeTo(side, 1e-4));
  });

  it('suppresses within a class only, and keeps the best of all classes up to its limit', () => {
    const outputs = quiet();
    const anchor = (3 * 8 + 4) * 9 + 3;
    for (const [shift, score] of [
      [0, 0.9],
      [9, 0.3], // the next cell, 8 px away: overlap 8/24 stays
      [1, 0.6], // same place, scale 1.26: overlap 1/1.59 goes
    ] as const)
      outputs.logits[(anchor + shift) * CLASSES] = logit(score);
    outputs.logits[anchor * CLASSES + 1] = logit(0.7);
    const scores = (perFilm: number) =>
      detectOnFilm(outputs, anchors, CLASSES, { ...DETECTION_DEFAULTS, perFilm }).map(
        ({ classIndex, score }) => [classIndex, Math.round(score * 100)],
      );
    expect(scores(100)).to.deep.equal([
      [0, 90],
      [1, 70],
      [0, 30],
    ]);
    expect(scores(2)).to.deep.equal([
      [0, 90],
      [1, 70],
    ]);
  });
});
