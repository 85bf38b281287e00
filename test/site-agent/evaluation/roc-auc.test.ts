import { expect } from 'chai';
import fc from 'fast-check';
import { rocAuc } from '@fedoxnet/site-agent/evaluation/roc-auc';

/** The definition: over all pairs of a positive and a negative, 1 for the right order and ½ for a tie. */
function overAllPairs(scores: readonly number[], labels: readonly number[]): number | null {
  const side = (label: number) => scores.filter((_, i) => labels[i] === label);
  const pairs = side(1).flatMap((positive) =>
    side(0).map((negative) => (positive > negative ? 1 : positive === negative ? 0.5 : 0)),
  );
  return pairs.length === 0 ? null : pairs.reduce<number>((sum, win) => sum + win, 0) / pairs.length;
}

describe('rocAuc', () => {
  it('is the share of pairs in the right order, a tie counting one half', () => {
    expect(rocAuc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).to.equal(0.75); // scikit-learn's own example
    expect(rocAuc([0.2, 0.8], [0, 1])).to.equal(1);
    expect(rocAuc([0.8, 0.2], [0, 1])).to.equal(0);
    expect(rocAuc([0.5, 0.5, 0.5], [0, 1, 1])).to.equal(0.5);
    expect(rocAuc([0.3, 0.3, 0.9], [0, 1, 0])).to.equal(0.25);
  });

  it('is null when one side is empty', () => {
    expect(rocAuc([0.1, 0.2], [1, 1])).to.equal(null);
    expect(rocAuc([0.1, 0.2], [0, 0])).to.equal(null);
    expect(rocAuc([], [])).to.equal(null);
  });

  it('equals the count over all pairs, with many ties (property)', () => {
    const film = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(fc.array(film, { maxLength: 60 }), (films) => {
        const [scores, labels] = [films.map(([score]) => score / 8), films.map(([, label]) => label)];
        const expected = overAllPairs(scores, labels);
        if (expected === null) expect(rocAuc(scores, labels)).to.equal(null);
        else expect(rocAuc(scores, labels)).to.be.closeTo(expected, 1e-12);
      }),
    );
  });
});
