import { boxTargets, teacherTargets, type TeacherView } from '@fedoxnet/site-agent/losses/detection-targets';
import type { FilmLabels } from '@fedoxnet/site-agent/losses/film-labels';
import { imageTargets } from '@fedoxnet/site-agent/losses/image-targets';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** Three anchors: on the box [0, 0, 10, 10], at IoU 3/7 ≈ 0.43 with it, and far away. */
const ANCHORS = Float32Array.of(0, 0, 10, 10, 4, 0, 14, 10, 50, 50, 60, 60);
const BOX = [0, 0, 10, 10];

/** Two classes. Known: b = boxes, i = labelled as a whole, - = unknown. */
function film(
  known: string,
  label: [number, number],
  boxes: number[] = [],
  classes: number[] = [],
): FilmLabels {
  return {
    boxes: Float32Array.from(boxes),
    boxClasses: Int32Array.from(classes),
    boxKnown: Uint8Array.from(known, (k) => (k === 'b' ? 1 : 0)),
    labelKnown: Uint8Array.from(known, (k) => (k === '-' ? 0 : 1)),
    label: Uint8Array.from(label),
  };
}
const view = (scores: number[], boxes: number[] = BOX): TeacherView => ({
  scores: Float32Array.from(scores),
  kept: {
    boxes: Float32Array.from(boxes),
    classes: new Int32Array(boxes.length / 4),
    scores: new Float32Array(boxes.length / 4).fill(0.9),
  },
});
/** Scores told as they are. */
const TOLD = { keepScore: 0.5 };
const SCORES = [0.75, 0.5, 0.25, 0.125, 0.0625, 0];

describe('targets from true boxes', () => {
  it('mark the matched anchor, leave the near one out and call the rest background', () => {
    const made = boxTargets(ANCHORS, [film('bb', [0, 1], BOX, [1])])!;
    expect([...made.targets]).to.deep.equal([0, 1, 0, 0, 0, 0]);
    expect([...made.weights]).to.deep.equal([1, 1, 0, 0, 1, 1]);
    expect([...made.rows]).to.deep.equal([0]);
    expect([...made.codes]).to.deep.equal([0, 0, 0, 0]);
    expect([...made.rowWeights]).to.deep.equal([0.25]);
  });

  it('say nothing on a class whose boxes are not known', () => {
    const made = boxTargets(ANCHORS, [film('bi', [1, 1], BOX, [0])])!;
    expect([...made.weights]).to.deep.equal([1, 0, 0, 0, 1, 0]);
  });

  it('call a film that was read and found empty all background, with normaliser 1', () => {
    const made = boxTargets(ANCHORS, [film('bb', [0, 0])])!;
    expect([...made.targets]).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect([...made.weights]).to.deep.equal([1, 1, 1, 1, 1, 1]);
  });

  it('average over the films that take part, and only those', () => {
    const made = boxTargets(ANCHORS, [film('bb', [0, 0]), film('ii', [1, 0]), film('b-', [1, 0], BOX, [0])])!;
    expect([...made.films]).to.deep.equal([1, 0, 1]);
    expect([...made.weights].slice(0, 6)).to.deep.equal([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    expect([...made.weights].slice(6, 12)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect([...made.rows]).to.deep.equal([6]); // anchor 0 of film 2: 2 · 3 + 0
  });

  it('are none when no film has boxes', () => {
    expect(boxTargets(ANCHORS, [film('ii', [1, 0]), film('--', [0, 0])])).to.equal(null);
  });
});

describe('targets from the teacher', () => {
  it('are its scores, except at anchors near but not on its boxes', () => {
    const made = teacherTargets(ANCHORS, [film('--', [0, 0])], [view(SCORES)], TOLD)!;
    expect([...made.targets]).to.deep.equal([0.75, 0.5, 0, 0, 0.0625, 0]);
    expect([...made.weights]).to.deep.equal([1, 1, 0, 0, 1, 1]);
    expect([...made.rows]).to.deep.equal([0]);
  });

  it('are sharpened about keepScore when the plan names a temperature', () => {
    const films = [film('ii', [1, 0])];
    const made = teacherTargets(ANCHORS, films, [view(SCORES)], { keepScore: 0.5, temperature: 0.5 })!;
    // Odds 3 : 1, squared, are 9 : 1; odds 1 : 15 are 1 : 225. Absent stays 0.
    const expected = [0.9, 0, 0, 0, 1 / 226, 0];
    expected.forEach((y, i) => expect(made.targets[i], `${i}`).to.be.closeTo(y, 1e-6));
    const low = { keepScore: 0.25, temperature: 0.5 };
    // The odds of 3 : 1 are nine times those of keepScore, 1 : 3.
    expect(teacherTargets(ANCHORS, films, [view(SCORES)], low)!.targets[0]).to.be.closeTo(81 / 82, 1e-6);
    const labelled = { keepScore: 0.5, keepScoreLabelled: 0.25, temperature: 0.5 };
    const told = teacherTargets(ANCHORS, [film('i-', [1, 0])], [view(SCORES)], labelled)!.targets;
    expect(told[0]).to.be.closeTo(81 / 82, 1e-6); // called present
    expect(told[1]).to.be.closeTo(0.5, 1e-6); // unknown
    // Kept from 0.4 · 0.75 = 0.3 on, odds 3 : 7; odds 3 : 1 are seven times that.
    const strongest = { keepScore: 0.9, keepStrongest: 0.4, temperature: 0.5 };
    const where = teacherTargets(ANCHORS, [film('i-', [1, 0])], [view(SCORES)], strongest)!.targets;
    expect(where[0]).to.be.closeTo(49 / 50, 1e-6);
  });

  it('say nothing of its class where a box is disputed', () => {
    const other = (box: number[], c: number): TeacherView => ({
      ...view(SCORES, []),
      disputed: { boxes: Float32Array.from(box), classes: Int32Array.of(c), scores: Float32Array.of(0.6) },
    });
    // On the far anchor, class 1: that pair alone is silent. Without a kept box a label is what lets the film take part.
    const far = teacherTargets(ANCHORS, [film('i-', [1, 0])], [other([50, 50, 60, 60], 1)], TOLD)!;
    expect([...far.weights]).to.deep.equal([1, 1, 1, 1, 1, 0]);
    // On the first anchor, and near the second (IoU 3/7 ≥ .4).
    const near = teacherTargets(ANCHORS, [film('i-', [1, 0])], [other(BOX, 0)], TOLD)!;
    expect([...near.weights]).to.deep.equal([0, 1, 0, 1, 1, 1]);
    expect(teacherTargets(ANCHORS, [film('--', [0, 0])], [other(BOX, 0)], TOLD)).to.equal(null);
  });

  it('stay where a kept box of the class answers for the anchor', () => {
    const disputed = {
      boxes: Float32Array.of(4, 0, 14, 10),
      classes: Int32Array.of(0),
      scores: Float32Array.of(0.6),
    };
    const made = teacherTargets(ANCHORS, [film('--', [0, 0])], [{ ...view(SCORES), disputed }], TOLD)!;
    // The disputed box covers the first two anchors; the first belongs to the kept box, the second is ignored anyway.
    expect([...made.weights]).to.deep.equal([1, 1, 0, 0, 1, 1]);
  });

  it('count only where the site has no boxes of its own', () => {
    const made = teacherTargets(ANCHORS, [film('b-', [0, 0])], [view(SCORES)], TOLD)!;
    expect([...made.weights]).to.deep.equal([0, 1, 0, 0, 0, 1]);
  });

  it('are zero for a class that the labels call absent', () => {
    const made = teacherTargets(ANCHORS, [film('ii', [1, 0])], [view(SCORES)], TOLD)!;
    expect([...made.targets]).to.deep.equal([0.75, 0, 0, 0, 0.0625, 0]);
    expect([...made.weights]).to.deep.equal([1, 1, 0, 0, 1, 1]);
  });

  it('leave out a film on which the teacher kept no box', () => {
    const made = teacherTargets(
      ANCHORS,
      [film('--', [0, 0]), film('--', [0, 0])],
      [view(SCORES, []), view(SCORES)],
      TOLD,
    )!;
    expect([...made.films]).to.deep.equal([0, 1]);
    expect([...made.weights].slice(0, 6)).to.deep.equal([0, 0, 0, 0, 0, 0]);
    expect(teacherTargets(ANCHORS, [film('--', [0, 0])], [view(SCORES, [])], TOLD)).to.equal(null);
  });

  it('keep a film that is labelled as a whole on the teacher’s scores, box or not', () => {
    const made = teacherTargets(
      ANCHORS,
      [film('i-', [1, 0]), film('b-', [1, 0])],
      [view(SCORES, []), view(SCORES, [])],
      TOLD,
    )!;
    expect([...made.films]).to.deep.equal([1, 0]);
    expect([...made.targets].slice(0, 6)).to.deep.equal(SCORES);
    expect([...made.weights].slice(0, 6)).to.deep.equal([1, 1, 1, 1, 1, 1]);
  });

  it('do not force a match on a doubtful box', () => {
    const made = teacherTargets(
      ANCHORS,
      [film('--', [0, 0])],
      [view(SCORES, [7, 0, 17, 10, 30, 30, 32, 32])],
      TOLD,
    )!;
    expect(made.rows.length).to.equal(1); // [7, 17] has IoU 7/13 with anchor 1 and 3/17 with anchor 0
  });
});

describe('image targets', () => {
  it('weigh each known label alike and the unknown not at all', () => {
    const made = imageTargets([film('ii', [1, 0]), film('-b', [0, 1]), film('--', [1, 1])])!;
    expect([...made.labels]).to.deep.equal([1, 0, 0, 1, 0, 0]);
    expect([...made.positive]).to.deep.equal([1, 0, 0, 1, 0, 0]);
    expect([...made.weights].map((w) => Math.round(w * 3))).to.deep.equal([1, 1, 0, 1, 0, 0]);
  });

  it('are none when nothing is known', () => {
    expect(imageTargets([film('--', [1, 1])])).to.equal(null);
  });
});
