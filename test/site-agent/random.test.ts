import { Random } from '@fedoxnet/site-agent/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('random streams', () => {
  it('follow the published generator', () => {
    // sfc32 in unsigned 32-bit arithmetic, written anew in Python, from the first 16 bytes of SHA-256("seed").
    const random = new Random('seed');
    const drawn = Array.from({ length: 4 }, () => random.uniform() * 2 ** 32);
    expect(drawn).to.deep.equal([3452768175, 2287154642, 244126802, 1406805653]);
  });

  it('are equal for equal words and differ for others', () => {
    const first = (...words: (string | number)[]) => Random.of(...words).uniform();
    expect(first(1, 'views', 2)).to.equal(first(1, 'views', 2));
    expect(first(1, 'views', 2)).to.not.equal(first(1, 'views', 3));
    expect(first('ab', 'c')).to.not.equal(first('a', 'bc'));
  });

  it('fork without disturbing their parent', () => {
    const a = new Random('seed');
    const b = new Random('seed');
    b.fork('side').uniform();
    expect([a.uniform(), a.uniform()]).to.deep.equal([b.uniform(), b.uniform()]);
    expect(a.fork('x').uniform()).not.to.equal(a.fork('y').uniform());
  });

  it('are uniform in [0, 1): mean 1/2, variance 1/12', () => {
    const random = new Random('moments');
    const draws = Array.from({ length: 20_000 }, () => random.uniform());
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(Math.min(...draws)).to.be.at.least(0);
    expect(Math.max(...draws)).to.be.below(1);
    expect(mean).to.be.closeTo(0.5, 0.01); // five standard errors
    expect(variance).to.be.closeTo(1 / 12, 0.005);
  });

  it('draw normal values cut at three deviations', () => {
    const random = new Random('normal');
    const draws = Array.from({ length: 20_000 }, () => random.normal(10, 2));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    expect(mean).to.be.closeTo(10, 0.08);
    expect(Math.min(...draws)).to.be.at.least(4);
    expect(Math.max(...draws)).to.be.at.most(16);
  });

  it('reach both ends of an integer range, and of a count', () => {
    const random = new Random('range');
    const integers = new Set(Array.from({ length: 200 }, () => random.integer(2, 4)));
    expect([...integers].sort()).to.deep.equal([2, 3, 4]);
    const counts = new Set(Array.from({ length: 200 }, () => random.below(3)));
    expect([...counts].sort()).to.deep.equal([0, 1, 2]);
  });

  it('shuffle without losing anything', () => {
    const shuffled = new Random('deck').shuffle([...Array(50).keys()]);
    expect(shuffled).to.not.deep.equal([...Array(50).keys()]);
    expect(shuffled.sort((a, b) => a - b)).to.deep.equal([...Array(50).keys()]);
  });
});
