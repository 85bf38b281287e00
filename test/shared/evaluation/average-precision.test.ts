import { expect } from 'chai';
import fc from 'fast-check';
import { averagePrecision } from '@fedoxnet/shared/evaluation/average-precision';
import { SCORE_BINS, type ScoreHistogram } from '@fedoxnet/shared/evaluation/score-histogram';

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
    // numpy.linspace(0, 1, 101), with which cocoapi compares
    const sampled = step === 100 ? 1 : step * 0.01;
    const reached = curve.filter(({ recall }) => recall >= sampled);
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
    // Sample 35 is 35 · .01 = .35000000000000003 in COCO's arithmetic: 7 of 20 reaches samples 0 … 34 only.
    ['rounds the samples as COCO does', [[900, 7]], [], 20, 35 / 101],
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
