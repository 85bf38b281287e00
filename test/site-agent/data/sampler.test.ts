import type { Supervision } from '@fedoxnet/site-agent/data/film';
import { FilmSampler } from '@fedoxnet/site-agent/data/sampler';
import type { TrainingFilm } from '@fedoxnet/site-agent/data/training-film';
import { Random } from '@fedoxnet/site-agent/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** @param classes of the film's boxes, out of two classes */
const film = (tier: Supervision, classes: number[] = []): TrainingFilm => ({
  id: 'film',
  tier,
  boxes: new Float32Array(4 * classes.length),
  boxClasses: Int32Array.from(classes),
  boxKnown: new Uint8Array(2).fill(tier === 'box' ? 1 : 0),
  labelKnown: new Uint8Array(2),
  label: new Uint8Array(2),
  letterbox: { scaleX: 1, scaleY: 1, offsetX: 0, offsetY: 0 },
  width: 64,
  height: 64,
});
const times = (count: number, make: () => TrainingFilm) => Array.from({ length: count }, make);
const ALL: Supervision[] = ['box', 'image', 'none'];
const BATCH = { box: 2, image: 1, none: 1 };
const sampler = (films: TrainingFilm[], use = ALL, batch = BATCH) =>
  new FilmSampler(films, batch, use, new Random('sampler'));

describe('film sampler', () => {
  it('mixes a batch as the plan says', () => {
    const films = [
      ...times(5, () => film('box', [0])),
      ...times(5, () => film('image')),
      ...times(5, () => film('none')),
    ];
    const tiers = sampler(films)
      .draw()
      .map((i) => films[i]!.tier);
    expect(tiers).to.deep.equal(['box', 'box', 'image', 'none']);
  });

  it('gives the share of a kind that is missing to the others', () => {
    const composition = (...kinds: Supervision[]) => [
      ...sampler(kinds.map((tier) => film(tier, tier === 'box' ? [0] : []))).composition,
    ];
    expect(composition('image', 'none')).to.deep.equal([
      ['image', 2],
      ['none', 2],
    ]);
    // 4 · 2/3 = 2.67 and 4 · 1/3 = 1.33
    expect(composition('box', 'none')).to.deep.equal([
      ['box', 3],
      ['none', 1],
    ]);
    expect(composition('none')).to.deep.equal([['none', 4]]);
  });

  it('draws nothing of a kind that teaches nothing in this round', () => {
    expect(sampler([film('none')], ['box', 'image']).composition.size).to.equal(0);
  });

  it('shows every film once before any again', () => {
    const films = times(12, () => film('image'));
    const draws = sampler(films);
    const epoch = [draws.draw(), draws.draw(), draws.draw()].flat();
    expect([...epoch].sort((a, b) => a - b)).to.deep.equal([...films.keys()]);
  });

  it('shows a rare class more often than its share, and a common one most', () => {
    // 81 films of class 0, 9 of class 1, 0 empty: √81 to √9, so a quarter of the draws for a tenth of the films.
    const films = [...times(81, () => film('box', [0])), ...times(9, () => film('box', [1, 1]))];
    const draws = sampler(films, ['box'], { box: 8, image: 0, none: 0 });
    let rare = 0;
    for (let i = 0; i < 500; i++) for (const index of draws.draw()) if (index >= 81) rare++;
    expect(rare / 4000).to.be.closeTo(0.25, 0.03);
  });

  it('also shows films that were read and found empty', () => {
    const films = [...times(4, () => film('box', [0])), ...times(4, () => film('box'))];
    const seen = new Set<number>();
    const draws = sampler(films);
    for (let i = 0; i < 20; i++) for (const index of draws.draw()) seen.add(index);
    expect(seen.size).to.equal(8);
  });

  it('draws the same for the same stream', () => {
    const films = times(20, () => film('box', [0, 1]));
    const [a, b] = [sampler(films), sampler(films)];
    for (let i = 0; i < 10; i++) expect(a.draw()).to.deep.equal(b.draw());
  });
});
