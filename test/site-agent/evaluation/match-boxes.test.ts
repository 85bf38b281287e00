import { expect } from 'chai';
import {
  HIT,
  IGNORED,
  matchBoxes,
  MISS,
  type ScoredBox,
  type TruthBox,
} from '@fedoxnet/site-agent/evaluation/match-boxes';
import { ALL_AREAS } from '@fedoxnet/site-agent/evaluation/ranking';

/** 10 × 10 at x. Shifted by d they overlap by (10 − d) / (10 + d): d = 1 → 9/11, d = 2 → 2/3. */
const truth = (x: number, more: Partial<TruthBox> = {}): TruthBox => ({
  x,
  y: 0,
  width: 10,
  height: 10,
  ...more,
});
const found = (x: number): ScoredBox => ({ ...truth(x), score: 0.5 });
const outcomes = (truths: TruthBox[], detections: ScoredBox[], iou: number, area = ALL_AREAS) => [
  ...(matchBoxes(truths, detections, [iou], [area])[0]?.outcomes[0] ?? []),
];

describe('matchBoxes', () => {
  it('gives each true box to one detection, the best score first', () => {
    expect(outcomes([truth(0)], [found(2), found(1)], 0.5)).to.deep.equal([HIT, MISS]); // the better placed is late
  });

  it('accepts an overlap of exactly the threshold and none below', () => {
    expect(outcomes([truth(0)], [found(2)], 8 / 12)).to.deep.equal([HIT]);
    expect(outcomes([truth(0)], [found(2)], 8 / 12 + 1e-9)).to.deep.equal([MISS]);
    expect(outcomes([truth(0)], [found(0)], 1)).to.deep.equal([HIT]);
  });

  it('lets a detection choose the box it overlaps most', () => {
    expect(outcomes([truth(0), truth(6)], [found(5), found(1)], 0.3)).to.deep.equal([HIT, HIT]);
  });

  it('matches each threshold for itself', () => {
    const [all] = matchBoxes([truth(0)], [found(2), found(1)], [0.5, 0.7], [ALL_AREAS]);
    expect(all?.outcomes.map((outcome) => [...outcome])).to.deep.equal([
      [HIT, MISS],
      [MISS, HIT], // 2/3 is not .7, so the box is still free
    ]);
  });

  it('measures overlap with a crowd by the share inside, and lets it take any number', () => {
    const crowd = truth(0, { width: 100, crowd: true });
    const inside = [found(0), found(40), found(95)]; // the last lies half inside
    expect(outcomes([crowd], inside, 0.5)).to.deep.equal([IGNORED, IGNORED, IGNORED]);
    expect(outcomes([crowd], inside, 0.6)).to.deep.equal([IGNORED, IGNORED, MISS]);
  });

  it('prefers a true box that counts to a crowd that fits better', () => {
    const crowd = truth(0, { width: 100, crowd: true });
    expect(outcomes([crowd, truth(0)], [found(1), found(0)], 0.5)).to.deep.equal([HIT, IGNORED]);
  });

  it('leaves sizes out that do not count, of true boxes by their own area', () => {
    const small = { from: 0, to: 60 };
    const lesion = truth(0, { area: 50 }); // 10 × 10 around a lesion of 50
    const [matching] = matchBoxes([lesion, truth(50)], [found(0)], [0.5], [small]);
    expect(matching?.truths).to.equal(1);
    expect(outcomes([lesion, truth(50)], [found(0), found(50), found(80)], 0.5, small)).to.deep.equal([
      HIT,
      IGNORED, // its true box is too large
      IGNORED, // matches nothing, and is itself too large
    ]);
  });

  it('has nothing to say without boxes', () => {
    expect(matchBoxes([], [], [0.5], [ALL_AREAS])).to.deep.equal([
      { truths: 0, outcomes: [new Uint8Array()] },
    ]);
    expect(outcomes([], [found(0)], 0.5)).to.deep.equal([MISS]);
  });
});
