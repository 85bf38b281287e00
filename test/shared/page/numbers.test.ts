import { expect } from 'chai';
import { formatBytes, formatCount, formatLoss } from '@fedoxnet/shared/page/numbers';

describe('numbers on our pages', () => {
  it('writes bytes with three digits and changes the unit where the fourth would begin', () => {
    const written = [0, 999, 1000, 9994, 9995, 34_600_000, 999_499, 999_500, 2.5e12].map(formatBytes);
    expect(written).to.deep.equal([
      '0 B',
      '999 B',
      '1.00 kB',
      '9.99 kB',
      '10.0 kB',
      '34.6 MB',
      '999 kB',
      '1.00 MB',
      '2.50 TB',
    ]);
  });

  it('keeps three significant digits of a loss without an exponent', () => {
    expect([0, 0.01234, 1.234, 123.4, 1234.5].map(formatLoss)).to.deep.equal([
      '0.0000',
      '0.0123',
      '1.23',
      '123',
      '1235',
    ]);
  });

  it('separates thousands, and marks a count that is withheld', () => {
    expect([112_120, null].map(formatCount)).to.deep.equal(['112,120', '<']);
  });
});
