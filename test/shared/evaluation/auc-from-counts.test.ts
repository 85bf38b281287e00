import { expect } from 'chai';
import { aucFromCounts } from '@fedoxnet/shared/evaluation/auc-from-counts';
import { classImageScores, imageScoreBin } from '@fedoxnet/shared/evaluation/image-scores';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';

describe('aucFromCounts', () => {
  it('is the share of pairs that are in order, a shared bin counting one half', () => {
    // Positives in bins 5, 5, 9; negatives in 1, 5, 9, 9. In order: 1.5 + 1.5 + 3 (2 below, 2 tied) of 12 pairs.
    const positive = [
      [5, 2],
      [9, 1],
    ] as const;
    const negative = [
      [1, 1],
      [5, 1],
      [9, 2],
    ] as const;
    expect(aucFromCounts(positive, negative)).to.equal((1.5 + 1.5 + (2 + 2 / 2)) / 12);
    expect(aucFromCounts(negative, positive)).to.equal(1 - (1.5 + 1.5 + 3) / 12);
  });

  it('is 1 and 0 for films that do not mix, ½ for one bin, null when one side is empty', () => {
    expect(aucFromCounts([[9, 3]], [[1, 2]])).to.equal(1);
    expect(aucFromCounts([[1, 3]], [[9, 2]])).to.equal(0);
    expect(aucFromCounts([[4, 3]], [[4, 2]])).to.equal(0.5);
    expect(aucFromCounts([], [[4, 2]])).to.equal(null);
    expect(aucFromCounts([[4, 2]], [])).to.equal(null);
  });
});

describe('scores of whole films', () => {
  it('fall into bins of .02 of their logit', () => {
    // logit −10 … 10 in 1000 bins; ½ has logit 0; σ(0.03) = 0.507499…
    expect([0.5, 1 / (1 + Math.exp(-0.03)), 1 / (1 + Math.exp(0.01))].map(imageScoreBin)).to.deep.equal([
      500, 501, 499,
    ]);
    expect([0, 1e-9, 1 - 1e-9, 1].map(imageScoreBin)).to.deep.equal([0, 0, 999, 999]);
    // A thousandth apart, low where focal loss leaves scores.
    expect(imageScoreBin(0.0121)).to.be.above(imageScoreBin(0.0111));
  });

  const branch = { positive: [[500, 2]], negative: [[10, 3]] };
  const entry = { class: 'Mass', positives: 2, negatives: 3, global: branch, local: branch };

  it('are taken when every film is counted once in each branch', () => {
    expect(classImageScores.parse(entry)).to.deep.equal(entry);
  });

  const bad: [string, object, string][] = [
    ['more films than it says', { positives: 1 }, 'global.positive: counts 2 of 1 films'],
    ['fewer films than it says', { negatives: 4 }, 'global.negative: counts 3 of 4 films'],
    ['branches that differ', { local: { ...branch, negative: [] } }, 'local.negative: counts 0 of 3 films'],
    [
      'bins that fall',
      {
        local: {
          positive: [
            [5, 1],
            [4, 1],
          ],
          negative: [[10, 3]],
        },
      },
      'bins must rise',
    ],
  ];
  for (const [what, change, message] of bad) {
    it(`are refused with ${what}`, () => {
      const parsed = classImageScores.safeParse({ ...entry, ...change });
      expect(parsed.success).to.equal(false);
      if (!parsed.success) expect(firstIssue(parsed.error)).to.contain(message);
    });
  }
});
