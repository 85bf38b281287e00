import { pseudoBoxes } from '@fedoxnet/site-agent/losses/pseudo-boxes';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** Four anchors of 10 × 10: the first two overlap at IoU 9/11, the others lie apart. */
const ANCHORS = Float32Array.of(0, 0, 10, 10, 1, 0, 11, 10, 30, 30, 40, 40, 60, 60, 70, 70);
const unknown = {
  boxes: new Float32Array(0),
  boxClasses: new Int32Array(0),
  boxKnown: Uint8Array.of(0, 0),
  labelKnown: Uint8Array.of(0, 0),
  label: Uint8Array.of(0, 0),
};
const of = (
  scores: number[],
  film: Partial<typeof unknown> = {},
  deltas = new Array<number>(16).fill(0),
  hearing: { keepScoreLabelled?: number; keepStrongest?: number } = {},
) => {
  const kept = pseudoBoxes(
    ANCHORS,
    Float32Array.from(scores),
    Float32Array.from(deltas),
    { ...unknown, ...film },
    { size: 64, hearing: { keepScore: 0.5, ...hearing } },
  );
  const rows = [...kept.classes].map((c, i) => [c, kept.boxes[4 * i]]);
  return { kept, rows };
};

describe('pseudo boxes', () => {
  it('are those that suppression kept, each with its own place', () => {
    // The weaker of the overlapping pair comes first in the list, so positions before and after suppression differ.
    const { kept, rows } = of([0.6, 0, 0.9, 0, 0, 0, 0.7, 0]);
    expect(rows).to.deep.equal([
      [0, 1],
      [0, 60],
    ]);
    expect([...kept.boxes]).to.deep.equal([1, 0, 11, 10, 60, 60, 64, 64]); // the last is clipped to the film
    expect([...kept.scores].map((s) => s.toFixed(1))).to.deep.equal(['0.9', '0.7']);
  });

  it('do not suppress another class', () => {
    expect(of([0.9, 0, 0, 0.8, 0, 0, 0, 0]).rows).to.deep.equal([
      [0, 0],
      [1, 1],
    ]);
  });

  it('have a score above the threshold', () => {
    expect(of([0.5, 0, 0, 0, 0.51, 0, 0, 0]).rows).to.deep.equal([[0, 30]]);
  });

  it('have a threshold of their own where a label calls the class present', () => {
    const scores = [0.3, 0.3, 0, 0, 0.6, 0.6, 0, 0];
    const film = { labelKnown: Uint8Array.of(1, 0), label: Uint8Array.of(1, 0) };
    const rows = of(scores, film, undefined, { keepScoreLabelled: 0.2 }).rows;
    expect(rows).to.deep.equal([
      [0, 30],
      [1, 30],
      [0, 0],
    ]);
    expect(of(scores, film).rows).to.deep.equal([
      [0, 30],
      [1, 30],
    ]);
  });

  it('are the strongest where a label calls the class present, however low their scores', () => {
    const scores = [0.04, 0.04, 0, 0, 0.1, 0.1, 0.06, 0.06];
    const film = { labelKnown: Uint8Array.of(1, 0), label: Uint8Array.of(1, 0) };
    // Of class 0 those above half of 0.1, of class 1, which nothing is said of, none.
    expect(of(scores, film, undefined, { keepStrongest: 0.5 }).rows).to.deep.equal([
      [0, 30],
      [0, 60],
    ]);
    expect(of(scores, film, undefined, { keepStrongest: 0.7 }).rows).to.deep.equal([[0, 30]]);
    expect(of(scores, film).rows).to.deep.equal([]);
  });

  it('need no more than the labelled threshold, however strong the strongest is', () => {
    const film = { labelKnown: Uint8Array.of(1, 0), label: Uint8Array.of(1, 0) };
    const hearing = { keepScoreLabelled: 0.2, keepStrongest: 0.5 };
    expect(of([0.3, 0, 0, 0, 0.9, 0, 0.1, 0], film, undefined, hearing).rows).to.deep.equal([
      [0, 30],
      [0, 0],
    ]);
  });

  it('are never of a class that the site boxes itself, or that its labels call absent', () => {
    const scores = [0.9, 0.9, 0, 0, 0, 0, 0, 0];
    expect(of(scores, { boxKnown: Uint8Array.of(1, 0) }).rows).to.deep.equal([[1, 0]]);
    expect(of(scores, { labelKnown: Uint8Array.of(0, 1) }).rows).to.deep.equal([[0, 0]]);
    expect(of(scores, { labelKnown: Uint8Array.of(0, 1), label: Uint8Array.of(0, 1) }).rows.length).to.equal(
      2,
    );
  });

  it('follow the box code', () => {
    // dx = 1 · 0.1 · 10 pixels
    const deltas = [1, ...new Array<number>(15).fill(0)];
    expect([...of([0.9, 0, 0, 0, 0, 0, 0, 0], {}, deltas).kept.boxes]).to.deep.equal([1, 0, 11, 10]);
  });
});
