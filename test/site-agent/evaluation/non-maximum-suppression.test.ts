import { expect } from 'chai';
import fc from 'fast-check';
import { suppressNonMaxima } from '@fedoxnet/site-agent/evaluation/non-maximum-suppression';

/** Squares 10 wide at the given x: shifted by d they overlap by (10 − d) / (10 + d). */
const squares = (...xs: number[]) => Float32Array.from(xs.flatMap((x) => [x, 0, x + 10, 10]));

describe('suppressNonMaxima', () => {
  it('keeps the best of a heap and whatever is far enough from it', () => {
    // 1 beats 0 (9/11); 2 is 6 away from 1: overlap 4/16.
    expect(suppressNonMaxima(squares(0, 1, 7), [0.6, 0.9, 0.5], 0.5, 10)).to.deep.equal([1, 2]);
  });

  it('spares a box whose only rival was itself suppressed', () => {
    // 0 removes 1 (2/3); 2 overlaps 1 by 2/3, but 0 only by 6/14.
    expect(suppressNonMaxima(squares(0, 2, 4), [0.9, 0.8, 0.7], 0.5, 10)).to.deep.equal([0, 2]);
  });

  it('removes above the threshold, not at it', () => {
    // d = 6: overlap 4/16 = .25 exactly.
    expect(suppressNonMaxima(squares(0, 6), [0.9, 0.8], 0.25, 10)).to.deep.equal([0, 1]);
    expect(suppressNonMaxima(squares(0, 6), [0.9, 0.8], 0.2499, 10)).to.deep.equal([0]);
  });

  it('stops at its limit and prefers the lower index of equals', () => {
    expect(suppressNonMaxima(squares(0, 50, 100), [0.5, 0.5, 0.5], 0.5, 2)).to.deep.equal([0, 1]);
    expect(suppressNonMaxima(new Float32Array(0), [], 0.5, 5)).to.deep.equal([]);
  });

  it('keeps what the loop of torchvision.ops.nms keeps, in its order (property)', () => {
    const side = fc.integer({ min: 0, max: 12 });
    const box = fc.tuple(side, side, side, side, fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), fc.constantFrom(0, 0.25, 0.5, 0.75), (all, threshold) => {
        const boxes = all.map(([x, y, width, height]) => [x, y, x + width, y + height] as const);
        const scores = all.map(([, , , , tenth]) => tenth / 4);
        const kept = suppressNonMaxima(Float32Array.from(boxes.flat()), scores, threshold, Infinity);
        expect(kept).to.deep.equal(torchvisionLoop(boxes, scores, threshold));
        expect(suppressNonMaxima(Float32Array.from(boxes.flat()), scores, threshold, 3)).to.deep.equal(
          kept.slice(0, 3),
        );
      }),
    );
  });
});

/** csrc/ops/cpu/nms_kernel.cpp as a reader would retell it: a stable sort, then each survivor strikes those after it. */
function torchvisionLoop(
  boxes: readonly (readonly [number, number, number, number])[],
  scores: readonly number[],
  threshold: number,
): number[] {
  const area = ([x1, y1, x2, y2]: (typeof boxes)[number]) => (x2 - x1) * (y2 - y1);
  let waiting = [...boxes.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const kept: number[] = [];
  while (waiting.length > 0) {
    const [best = -1, ...others] = waiting;
    const a = boxes[best] ?? [0, 0, 0, 0];
    kept.push(best);
    waiting = others.filter((other) => {
      const b = boxes[other] ?? [0, 0, 0, 0];
      const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
      const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
      const both = width * height;
      return !(both / (area(a) + area(b) - both) > threshold); // 0/0 strikes nothing
    });
  }
  return kept;
}
