import { expect } from 'chai';
import { ERRORS, FederationError, isErrorCode } from '@fedoxnet/shared/errors';

describe('the error table', () => {
  for (const [code, entry] of Object.entries(ERRORS)) {
    it(`says what to do about ${code}`, () => {
      expect(code).to.match(/^[A-Z][A-Z_]+$/);
      expect(entry.help).to.match(/^[A-Z].{10,}\.$/, 'one sentence');
      expect(entry.http).to.be.within(400, 599);
      expect(entry.exit).to.be.within(64, 78);
    });
  }

  it('gives a command one line: code, what happened, what to do', () => {
    const error = new FederationError('ROUND_CLOSED', 'Round 3 of study a is closed.');
    expect(error.line).to.equal(
      'ROUND_CLOSED: Round 3 of study a is closed. The update names a round that has already closed.',
    );
  });

  it('knows its own codes only', () => {
    expect(isErrorCode('ROUND_CLOSED')).to.equal(true);
    expect(isErrorCode('toString')).to.equal(false);
  });
});
