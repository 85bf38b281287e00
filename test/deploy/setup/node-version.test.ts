import { isRecentEnough } from '#setup/node-version';
import { expect } from 'chai';
import { describe, it } from 'mocha';

describe('the Node version', () => {
  it('may be 20.19 or later, and nothing earlier', () => {
    const fit = ['20.19.0', '20.20.1', '22.0.0', '100.1.0'];
    const old = ['20.18.9', '18.99.0', '9.9.9'];
    expect(fit.map(isRecentEnough)).to.deep.equal(fit.map(() => true));
    expect(old.map(isRecentEnough)).to.deep.equal(old.map(() => false));
  });
});
