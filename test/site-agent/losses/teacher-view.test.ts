import { teacherView, type Voice } from '@fedoxnet/site-agent/losses/teacher-view';
import type { Hearing } from '@fedoxnet/site-agent/losses/pseudo-boxes';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** Four anchors of 10 × 10: the first two overlap at IoU 9/11 ≈ .82, the others lie apart. */
const ANCHORS = Float32Array.of(0, 0, 10, 10, 1, 0, 11, 10, 30, 30, 40, 40, 50, 50, 60, 60);
/** [4 anchors · 2 classes], boxes where the anchors are. */
const voice = (...scores: number[]): Voice => ({
  scores: Float32Array.from(scores),
  deltas: new Float32Array(16),
});

/** b = boxed, p = labelled present, a = labelled absent, - = unknown. */
const film = (known: string) => ({
  boxes: new Float32Array(0),
  boxClasses: new Int32Array(0),
  boxKnown: Uint8Array.from(known, (k) => (k === 'b' ? 1 : 0)),
  labelKnown: Uint8Array.from(known, (k) => (k === '-' ? 0 : 1)),
  label: Uint8Array.from(known, (k) => (k === 'p' ? 1 : 0)),
});

function hear(known: string, voices: { mean: Voice; global: Voice | null }, change: Partial<Hearing> = {}) {
  const view = teacherView(ANCHORS, film(known), voices, {
    size: 64,
    hearing: { keepScore: 0.5, ...change },
  });
  const rows = (boxes?: typeof view.kept) =>
    [...(boxes?.classes ?? [])].map((c, i) => [c, boxes!.boxes[4 * i], Number(boxes!.scores[i]!.toFixed(2))]);
  return {
    scores: [...view.scores].map((s) => Number(s.toFixed(2))),
    kept: rows(view.kept),
    disputed: rows(view.disputed),
  };
}

describe('what teachers say of a film', () => {
  // Class 0 on the first anchor and class 1 on the third; the global model also sees class 1 on the fourth.
  const mean = voice(0.9, 0.1, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3);
  const global = voice(0.6, 0.1, 0.1, 0.2, 0.1, 0.4, 0.1, 0.7);

  it('is the mean teacher alone where the plan asks nobody else', () => {
    const view = hear('--', { mean, global: null });
    expect(view.kept).to.deep.equal([
      [0, 0, 0.9],
      [1, 30, 0.8],
    ]);
    expect(view.disputed).to.deep.equal([]);
  });

  it('comes from the global model for classes that nobody read, and from the mean teacher for the others', () => {
    const { scores, kept } = hear('p-', { mean, global }, { unknown: 'global' });
    expect(kept).to.deep.equal([
      [0, 0, 0.9],
      [1, 50, 0.7],
    ]);
    // Column 0 of the mean teacher, column 1 of the global model.
    expect(scores).to.deep.equal([0.9, 0.1, 0.2, 0.2, 0.1, 0.4, 0.1, 0.7]);
  });

  it('comes from the mean teacher for every class unless the plan says otherwise', () => {
    const { scores, kept } = hear('--', { mean, global }, { agreement: { iou: 0.5 } });
    expect(scores).to.deep.equal([0.9, 0.1, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3]);
    // The global model sees class 0 there as well, at .6, and class 1 elsewhere only.
    expect(kept).to.deep.equal([[0, 0, 0.9]]);
  });

  it('is disputed where the other teacher does not see the class, at the plan’s overlap', () => {
    const voices = { mean, global: voice(0.1, 0.1, 0.6, 0.1, 0.9, 0.1, 0.1, 0.7) };
    // Class 0 of the global model lies on the second anchor, at IoU 9/11; on the third it sees the other class.
    const loose = hear('--', voices, { agreement: { iou: 0.8 } });
    expect(loose.kept).to.deep.equal([[0, 0, 0.9]]);
    expect(loose.disputed).to.deep.equal([[1, 30, 0.8]]);
    const strict = hear('--', voices, { agreement: { iou: 0.85 } });
    expect(strict.kept).to.deep.equal([]);
    expect(strict.disputed).to.deep.equal([
      [0, 0, 0.9],
      [1, 30, 0.8],
    ]);
  });

  it('needs both teachers above the score that keeps a box', () => {
    const unsure = voice(0.49, 0.1, 0.1, 0.1, 0.1, 0.51, 0.1, 0.1);
    const { kept, disputed } = hear('--', { mean, global: unsure }, { agreement: { iou: 0.5 } });
    expect(kept).to.deep.equal([[1, 30, 0.8]]);
    expect(disputed).to.deep.equal([[0, 0, 0.9]]);
  });

  it('lets either teacher confirm the other', () => {
    const both = { unknown: 'global', agreement: { iou: 0.5 } } as const;
    // The global model speaks of class 1, on the fourth anchor; the mean teacher sees it on the third only.
    const { kept, disputed } = hear('p-', { mean, global }, both);
    expect(kept).to.deep.equal([[0, 0, 0.9]]);
    expect(disputed).to.deep.equal([[1, 50, 0.7]]);
  });

  it('is nothing of a class that is boxed or labelled absent', () => {
    const { kept, disputed } = hear('ba', { mean, global }, { unknown: 'global', agreement: { iou: 0.5 } });
    expect([kept, disputed]).to.deep.equal([[], []]);
  });
});
