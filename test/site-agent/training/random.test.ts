import { Random } from '@fedoxnet/site-agent/training/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('random streams', () => {
  it('follow the published generator', () => {
    // xoshiro128** from the state 1, 2, 3, 4: the first outputs of the reference implementation.
    const random = new Random('any');
    (random as unknown as { state: Uint32Array }).state.set([1, 2, 3, 4]);
    expect([random.next(), random.next(), random.next()]).to.deep.equal([11520, 0, 5927040]);
  });

  it('are equal for equal words and differ for others', () => {
    const first = (...words: (string | number)[]) => new Random(...words).next();
    expect(first(1, 'views', 2)).to.equal(first(1, 'views', 2));
    expect(first(1, 'views', 2)).to.not.equal(first(1, 'views', 3));
    expect(first('ab', 'c')).to.not.equal(first('a', 'bc'));
  });

  it('are uniform', () => {
    const random = new Random('uniform');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[Math.floor(random.uniform() * 10)]!++;
    for (const count of counts) expect(count).to.be.within(850, 1150);
  });

  it('shuffle without losing anything', () => {
    const shuffled = new Random('deck').shuffle([...Array(50).keys()]);
    expect(shuffled).to.not.deep.equal([...Array(50).keys()]);
    expect(shuffled.sort((a, b) => a - b)).to.deep.equal([...Array(50).keys()]);
  });
});
