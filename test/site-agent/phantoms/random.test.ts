import { expect } from 'chai';
import { Random } from '@fedoxnet/site-agent/phantoms/random';

describe('Random', () => {
  it('repeats itself for a seed, and forks do not disturb their parent', () => {
    const a = new Random('seed');
    const b = new Random('seed');
    b.fork('side').next();
    expect([a.next(), a.next(), a.next()]).to.deep.equal([b.next(), b.next(), b.next()]);
    expect(new Random('seed').fork('x').next()).not.to.equal(new Random('seed').fork('y').next());
  });

  it('is uniform in [0, 1): mean 1/2, variance 1/12', () => {
    const random = new Random('moments');
    const draws = Array.from({ length: 20_000 }, () => random.next());
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(Math.min(...draws)).to.be.at.least(0);
    expect(Math.max(...draws)).to.be.below(1);
    expect(mean).to.be.closeTo(0.5, 0.01); // five standard errors
    expect(variance).to.be.closeTo(1 / 12, 0.005);
  });

  it('draws normal values cut at three deviations', () => {
    const random = new Random('normal');
    const draws = Array.from({ length: 20_000 }, () => random.normal(10, 2));
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    expect(mean).to.be.closeTo(10, 0.08);
    expect(Math.min(...draws)).to.be.at.least(4);
    expect(Math.max(...draws)).to.be.at.most(16);
  });

  it('reaches both ends of an integer range', () => {
    const random = new Random('range');
    const drawn = new Set(Array.from({ length: 200 }, () => random.integer(2, 4)));
    expect([...drawn].sort()).to.deep.equal([2, 3, 4]);
  });
});
