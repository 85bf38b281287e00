import { expect } from 'chai';
import { HIT, IGNORED, MISS } from '@fedoxnet/site-agent/evaluation/match-boxes';
import {
  averagePrecisionOf,
  mergeRankings,
  rankDetections,
  recallOf,
  type Ranking,
} from '@fedoxnet/site-agent/evaluation/ranking';

const ranking = (truths: number, ...outcomes: number[]): Ranking => ({
  truths,
  scores: Float64Array.from(outcomes, (_, i) => 1 - i / 10),
  places: Uint32Array.from(outcomes.keys()),
  outcomes: [Uint8Array.from(outcomes)],
});

describe('averagePrecisionOf', () => {
  it('is 1 when every lesion is found and nothing else is', () => {
    expect(averagePrecisionOf(ranking(2, HIT, HIT), 0)).to.equal(1);
  });

  it('is 0 when nothing is found and null when there is nothing to find', () => {
    expect(averagePrecisionOf(ranking(2, MISS), 0)).to.equal(0);
    expect(averagePrecisionOf(ranking(2), 0)).to.equal(0);
    expect(averagePrecisionOf(ranking(0, MISS), 0)).to.equal(null);
  });

  it('samples the envelope at 101 recalls', () => {
    // Two lesions, hit – miss – hit: precision 1 up to recall .5 (51 samples), then 2/3 (50 samples).
    expect(averagePrecisionOf(ranking(2, HIT, MISS, HIT), 0)).to.be.closeTo((51 + 50 * (2 / 3)) / 101, 1e-12);
    // Miss – hit of two: precision 1/2 up to recall .5, beyond it nothing.
    expect(averagePrecisionOf(ranking(2, MISS, HIT), 0)).to.be.closeTo((51 * 0.5) / 101, 1e-12);
  });

  it('passes over what is ignored', () => {
    expect(averagePrecisionOf(ranking(1, IGNORED, IGNORED, HIT), 0)).to.equal(1);
    expect(averagePrecisionOf(ranking(1, IGNORED), 0)).to.equal(0);
  });
});

describe('recallOf', () => {
  it('counts the best detections of each image, whatever their scores', () => {
    const both = mergeRankings([ranking(2, MISS, HIT), ranking(1, HIT)], 1);
    expect([1, 2].map((limit) => recallOf(both, 0, limit))).to.deep.equal([1 / 3, 2 / 3]);
    expect(recallOf(ranking(0, MISS), 0, 1)).to.equal(null);
  });
});

describe('mergeRankings', () => {
  it('puts the best first and equal scores in the order given', () => {
    const merged = mergeRankings([ranking(1, MISS, HIT), ranking(2, IGNORED, MISS)], 1);
    expect(merged.truths).to.equal(3);
    expect([...merged.scores]).to.deep.equal([1, 1, 0.9, 0.9]);
    expect([...merged.places]).to.deep.equal([0, 0, 1, 1]);
    expect([...(merged.outcomes[0] ?? [])]).to.deep.equal([MISS, IGNORED, HIT, MISS]);
    expect(mergeRankings([], 2)).to.deep.equal({
      truths: 0,
      scores: new Float64Array(),
      places: new Uint32Array(),
      outcomes: [new Uint8Array(), new Uint8Array()],
    });
  });
});

describe('rankDetections', () => {
  it('cuts each image at its limit before matching', () => {
    const box = { x: 0, y: 0, width: 10, height: 10 };
    const image = {
      truths: [box],
      detections: [
        { ...box, score: 0.3 },
        { ...box, x: 90, score: 0.8 },
      ],
    };
    const [one] = rankDetections([image, image], { ious: [0.5], perImage: 1 });
    expect([...(one?.scores ?? [])]).to.deep.equal([0.8, 0.8]);
    expect(one?.truths).to.equal(2);
    expect([...(one?.outcomes[0] ?? [])]).to.deep.equal([MISS, MISS]);
  });
});
