import { expect } from 'chai';
import { oneLine } from '@fedoxnet/coordinator/rounds/one-line';

describe('a reason on one line', () => {
  it('has no control characters and no half of a surrogate pair, also where it is cut', () => {
    expect(oneLine(' two\nlines\u0000\u0007 ')).to.equal('two lines');
    expect(oneLine('\udc00x\ud83d')).to.equal('\ufffdx\ufffd');
    expect(oneLine('\u{1f600}')).to.equal('\u{1f600}');
    expect(oneLine(`${'x'.repeat(499)}\u{1f600}`)).to.equal(`${'x'.repeat(499)}\ufffd`);
  });
});
