import { expect } from 'chai';
import fc from 'fast-check';
import { FROC_RATES } from '@fedoxnet/shared/evaluation/froc-from-counts';
import { froc } from '@fedoxnet/site-agent/evaluation/froc';
import { HIT, IGNORED, MISS } from '@fedoxnet/site-agent/evaluation/match-boxes';

/** @param marks score and outcome, best first */
const rankingOf = (truths: number, marks: readonly (readonly [number, number])[]) => ({
  truths,
  scores: Float64Array.from(marks, ([score]) => score),
  places: new Uint32Array(marks.length),
  outcomes: [Uint8Array.from(marks, ([, outcome]) => outcome)],
});

describe('froc', () => {
  it('reads sensitivity at seven rates of false positives', () => {
    // Four films, four lesions. Score: what → false positives per film, sensitivity.
    const ranking = rankingOf(4, [
      [0.9, HIT], // 0, 1/4
      [0.8, MISS], // 1/4, 1/4
      [0.7, HIT], // 1/4, 2/4
      [0.6, MISS],
      [0.6, MISS],
      [0.6, MISS], // 1, 2/4
      [0.5, HIT], // 1, 3/4
      [0.4, MISS], // 5/4, 3/4
    ]);
    const { sensitivities, mean, points } = froc(ranking, 0, 4);
    expect(sensitivities).to.deep.equal([0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75]);
    expect(mean).to.be.closeTo(4.25 / 7, 1e-12);
    expect(
      points.map(({ falsePositivesPerFilm, sensitivity }) => [falsePositivesPerFilm, sensitivity]),
    ).to.deep.equal([
      [0, 0.25],
      [0.25, 0.25],
      [0.25, 0.5],
      [1, 0.5],
      [1, 0.75],
      [1.25, 0.75],
    ]);
  });

  it('shows equal scores together: a hit is not had without the miss beside it', () => {
    const tie = rankingOf(1, [
      [0.5, HIT],
      [0.5, MISS],
    ]);
    expect(froc(tie, 0, 1).sensitivities).to.deep.equal([0, 0, 0, 1, 1, 1, 1]);
  });

  it('passes over what counts neither for nor against', () => {
    const ranking = rankingOf(1, [
      [0.9, IGNORED],
      [0.5, HIT],
    ]);
    expect(froc(ranking, 0, 1).mean).to.equal(1);
  });

  it('is null without lesions, and 0 where nothing is found', () => {
    expect(froc(rankingOf(0, [[0.9, MISS]]), 0, 3)).to.deep.include({ mean: null, points: [] });
    expect(froc(rankingOf(2, []), 0, 3)).to.deep.include({ mean: 0, sensitivities: FROC_RATES.map(() => 0) });
  });

  it('equals the best of all thresholds, tried one by one (property)', () => {
    const mark = fc.tuple(
      fc.integer({ min: 0, max: 6 }).map((tenth) => tenth / 6),
      fc.constantFrom(HIT, MISS, IGNORED),
    );
    fc.assert(
      fc.property(
        fc.array(mark, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(5),
        (marks, films, missed) => {
          marks.sort(([a], [b]) => b - a);
          const truths = marks.filter(([, outcome]) => outcome === HIT).length + missed;
          const { sensitivities } = froc(rankingOf(truths, marks), 0, films);
          for (const [i, rate] of FROC_RATES.entries()) {
            const allowed = [0, ...new Set(marks.map(([score]) => score))].map((threshold) => {
              const shown = marks.filter(([score]) => score >= threshold);
              const count = (which: number) => shown.filter(([, outcome]) => outcome === which).length;
              return count(MISS) / films <= rate ? count(HIT) / truths : 0;
            });
            expect(sensitivities[i]).to.equal(truths === 0 ? null : Math.max(0, ...allowed));
          }
        },
      ),
    );
  });
});
