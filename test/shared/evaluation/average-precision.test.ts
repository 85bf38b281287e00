import { expect } from 'chai';
import fc from 'fast-check';
import {
  averagePrecision,
  roundMetricsOf,
  sumReports,
  type ScoreHistogram,
} from '@fedoxnet/shared/evaluation/average-precision';
import {
  evaluationReport,
  SCORE_BINS,
  type ClassMatches,
  type EvaluationReport,
} from '@fedoxnet/shared/evaluation/match-histogram';

interface Detection {
  readonly score: number;
  readonly hit: boolean;
}

/** Uniform numbers in [0, 1) from a seed. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const binOf = (score: number): number => Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));

function histogramOf(detections: readonly Detection[], hit: boolean): [number, number][] {
  const counts = new Map<number, number>();
  for (const detection of detections.filter((candidate) => candidate.hit === hit)) {
    counts.set(binOf(detection.score), (counts.get(binOf(detection.score)) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b);
}

const binnedAp = (detections: readonly Detection[], truths: number): number | null =>
  averagePrecision(histogramOf(detections, true), histogramOf(detections, false), truths);

/** COCO's AP read off the definition, one detection at a time in the order given: quadratic, no bins. */
function apInOrder(detections: readonly Detection[], truths: number): number {
  const curve = detections.map((_, index) => {
    const hits = detections.slice(0, index + 1).filter(({ hit }) => hit).length;
    return { recall: hits / truths, precision: hits / (index + 1) };
  });
  let sum = 0;
  for (let step = 0; step <= 100; step += 1) {
    const reached = curve.filter(({ recall }) => recall >= step / 100 - 1e-12);
    sum += Math.max(0, ...reached.map(({ precision }) => precision));
  }
  return sum / 101;
}

const exactAp = (detections: readonly Detection[], truths: number): number =>
  apInOrder(
    [...detections].sort((a, b) => b.score - a.score),
    truths,
  );

describe('averagePrecision', () => {
  const hand: [string, ScoreHistogram, ScoreHistogram, number, number | null][] = [
    ['is 1 when every box is found before any mistake', [[900, 2]], [[100, 5]], 2, 1],
    ['is 0 when nothing is found', [], [[500, 3]], 2, 0],
    ['is null when there is no box to find', [], [[500, 3]], 0, null],
    // Recall ½ at precision 1, recall 1 at ⅔: 51 samples (0 … .50) of 1 and 50 of ⅔.
    [
      'samples the envelope at 101 recalls',
      [
        [900, 1],
        [700, 1],
      ],
      [[800, 1]],
      2,
      (51 + 50 * (2 / 3)) / 101,
    ],
    // One of four boxes: recalls 0 … .25 are 26 samples.
    ['counts the boxes that nobody found', [[900, 1]], [], 4, 26 / 101],
    // Precision ½ at recall ½, then ⅔ at recall 1: the later, higher one holds for both.
    [
      'takes the best precision at this recall or beyond',
      [
        [800, 1],
        [700, 1],
      ],
      [[900, 1]],
      2,
      2 / 3,
    ],
    // Miss and hit in one bin: a tie, precision ½ whichever came first.
    ['treats one bin as a tie', [[900, 1]], [[900, 1]], 1, 0.5],
    [
      'reads the first and the last bin',
      [
        [0, 1],
        [SCORE_BINS - 1, 1],
      ],
      [],
      2,
      1,
    ],
    // Recall 3/10 is exactly .30, which 3 / 10 · 100 in floating point must not miss: 31 samples.
    ['meets a recall exactly on a sample', [[900, 3]], [], 10, 31 / 101],
  ];
  for (const [what, matched, unmatched, truths, expected] of hand) {
    it(what, () => {
      const ap = averagePrecision(matched, unmatched, truths);
      if (expected === null) expect(ap).to.equal(null);
      else expect(ap).to.be.closeTo(expected, 1e-12);
    });
  }

  const detection = fc.record({
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    hit: fc.boolean(),
  });
  const scene = fc
    .tuple(fc.array(detection, { maxLength: 60 }), fc.integer({ min: 0, max: 20 }))
    .map(([detections, missed]) => ({
      detections,
      truths: Math.max(1, detections.filter(({ hit }) => hit).length + missed),
    }));

  it('equals the exact AP where no bin holds two detections (property)', () => {
    fc.assert(
      fc.property(scene, ({ detections, truths }) => {
        const spread = detections.filter(
          ({ score }, index) =>
            detections.findIndex((other) => binOf(other.score) === binOf(score)) === index,
        );
        expect(binnedAp(spread, truths)).to.be.closeTo(exactAp(spread, truths), 1e-12);
      }),
    );
  });

  it('never exceeds the AP of any order within the bins (property)', () => {
    fc.assert(
      fc.property(scene, ({ detections, truths }) => {
        // Scores rounded to eight values, so that bins are crowded.
        const crowded = detections.map(({ score, hit }) => ({ score: Math.floor(score * 8) / 8, hit }));
        const inBins = (hitsFirst: number): Detection[] =>
          [...crowded].sort((a, b) => b.score - a.score || hitsFirst * (Number(b.hit) - Number(a.hit)));
        const binned = binnedAp(crowded, truths) ?? NaN;
        expect(binned).to.be.at.most(apInOrder(inBins(1), truths) + 1e-12);
        expect(binned).to.be.at.most(apInOrder(inBins(-1), truths) + 1e-12);
      }),
    );
  });

  it('errs by less than .003 against the exact AP on 300 detections with realistic scores', () => {
    const seed = 20240611;
    const uniform = mulberry32(seed);
    const errors = Array.from({ length: 50 }, () => {
      // Hits score high, misses low, with much overlap: densities 2s and 1 / (2√s).
      const detections = Array.from({ length: 300 }, (_, index) => {
        const hit = index < 100;
        return { score: hit ? Math.sqrt(uniform()) : uniform() ** 2, hit };
      });
      return exactAp(detections, 120) - (binnedAp(detections, 120) ?? NaN);
    });
    expect(Math.min(...errors), `seed ${seed}`).to.be.at.least(-1e-12);
    expect(Math.max(...errors), `seed ${seed}`).to.be.below(0.003);
  });
});

const matches = (
  name: string,
  films: number,
  truths: number,
  byIou: [number, ScoreHistogram, ScoreHistogram][],
): ClassMatches => ({
  class: name,
  films,
  truths,
  byIou: byIou.map(([iou, matched, unmatched]) => ({
    iou,
    matched: matched.map(([bin, count]) => [bin, count]),
    unmatched: unmatched.map(([bin, count]) => [bin, count]),
  })),
});

describe('sumReports and roundMetricsOf', () => {
  // Site A finds its one nodule at IoU .40 but not at .75; site B, with two classes, misses its nodule.
  const siteA: EvaluationReport = {
    films: 10,
    classes: [
      matches('Nodule', 10, 1, [
        [0.4, [[900, 1]], []],
        [0.75, [], [[900, 1]]],
      ]),
    ],
  };
  const siteB: EvaluationReport = {
    films: 4,
    classes: [
      matches('Nodule', 3, 1, [
        [
          0.4,
          [],
          [
            [900, 1],
            [950, 2],
          ],
        ],
        [
          0.75,
          [],
          [
            [900, 1],
            [950, 2],
          ],
        ],
      ]),
      matches('Mass', 4, 1, [
        [0.4, [[800, 1]], []],
        [0.75, [[800, 1]], []],
      ]),
    ],
  };

  it('sum films, boxes and bins class by class', () => {
    const sum = sumReports([siteA, siteB]);
    expect(evaluationReport.parse(sum)).to.deep.equal(sum);
    expect(sum.films).to.equal(14);
    expect(sum.classes[0]).to.deep.equal(
      matches('Nodule', 13, 2, [
        [
          0.4,
          [[900, 1]],
          [
            [900, 1],
            [950, 2],
          ],
        ],
        [
          0.75,
          [],
          [
            [900, 2],
            [950, 2],
          ],
        ],
      ]),
    );
    expect(sum.classes[1]).to.deep.equal(siteB.classes[1]);
    expect(sumReports([])).to.deep.equal({ films: 0, classes: [] });
  });

  it('average over thresholds, then over the classes that have boxes', () => {
    const metrics = roundMetricsOf([siteA, siteB], ['Mass', 'Nodule', 'Fracture'], [0.4, 0.75]);
    // Nodule at .40: one hit among 4 detections of the top bins, recall ½: 51 samples of ¼. At .75: 0.
    const nodule = 51 / 4 / 101;
    expect(metrics.perClass.map((row) => row.class)).to.deep.equal(['Mass', 'Nodule', 'Fracture']);
    expect(metrics.perClass[0]).to.deep.equal({
      class: 'Mass',
      films: 4,
      truths: 1,
      ap: 1,
      ap40: 1,
      ap50: null,
      ap75: 1,
    });
    expect(metrics.perClass[1]?.ap40).to.be.closeTo(nodule, 1e-12);
    expect(metrics.perClass[1]?.ap75).to.equal(0);
    expect(metrics.perClass[1]?.ap).to.be.closeTo(nodule / 2, 1e-12);
    expect(metrics.perClass[2]).to.deep.equal({
      class: 'Fracture',
      films: 0,
      truths: 0,
      ap: null,
      ap40: null,
      ap50: null,
      ap75: null,
    });
    expect(metrics.mean.ap40).to.be.closeTo((1 + nodule) / 2, 1e-12);
    expect(metrics.mean.ap50).to.equal(null);
  });

  it('leave thresholds outside .40 … .75 out of the mean, and know .05 steps that are not exact', () => {
    const ious = [0.3, 0.4, 0.4 + 2 * 0.05, 0.4 + 7 * 0.05, 0.9];
    const found = matches(
      'Mass',
      1,
      1,
      ious.map((iou) => [iou, iou < 0.45 ? [[900, 1]] : [], []]),
    );
    const { mean } = roundMetricsOf([{ films: 1, classes: [found] }], ['Mass'], ious);
    expect(mean.ap).to.be.closeTo(1 / 3, 1e-12);
    expect([mean.ap40, mean.ap50, mean.ap75]).to.deep.equal([1, 0, 0]);
  });

  it('are null everywhere before anyone reported', () => {
    expect(roundMetricsOf([], ['Mass'], [0.4]).mean).to.deep.equal({
      ap: null,
      ap40: null,
      ap50: null,
      ap75: null,
    });
  });
});
