import { expect } from 'chai';
import { Seldom } from '@fedoxnet/coordinator/audit/seldom';

describe('what passes seldom', () => {
  it('passes at once, and again after a while; others are not held back by it', () => {
    let now = 0;
    const seldom = new Seldom(100, () => now);
    const passes = (key: string, at: number) => {
      now = at;
      return seldom.passes(key);
    };
    expect(passes('a', 0)).to.equal(true);
    expect(passes('a', 99)).to.equal(false);
    expect(passes('b', 99)).to.equal(true);
    expect(passes('a', 100)).to.equal(true);
    expect(passes('a', 199)).to.equal(false);
  });
});
