import { expect } from 'chai';
import { formatPrecision, formatRate, formatSeconds } from '@fedoxnet/coordinator/dashboard/view/format';

describe('dashboard format', () => {
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

  it('drops the decimal of fast sites', () => {
    expect([7.54, 1234.5].map(formatRate)).to.deep.equal(['7.5', '1,235']);
  });
});
