import { expect } from 'chai';
import {
  formatBytes,
  formatCount,
  formatLoss,
  formatPrecision,
  formatRate,
  formatSeconds,
} from '@fedoxnet/coordinator/dashboard/view/format';

describe('dashboard format', () => {
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

  it('never writes 60 seconds or 60 minutes', () => {
    const written = [0, 8.34, 59.94, 59.95, 125.4, 3599.4, 3599.6, 3725, 7199].map(formatSeconds);
    expect(written).to.deep.equal([
      '0.0 s',
      '8.3 s',
      '59.9 s',
      '1 min 00 s',
      '2 min 05 s',
      '59 min 59 s',
      '1 h 00 min',
      '1 h 02 min',
      '2 h 00 min',
    ]);
  });

  it('tells an unmeasured precision from a precision of zero', () => {
    expect([null, 0, 0.5376].map(formatPrecision)).to.deep.equal(['–', '0.000', '0.538']);
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

  it('separates thousands and drops the decimal of fast sites', () => {
    expect(formatCount(112_120)).to.equal('112,120');
    expect([7.54, 1234.5].map(formatRate)).to.deep.equal(['7.5', '1,235']);
  });
});
