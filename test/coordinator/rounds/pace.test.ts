import { expect } from 'chai';
import { allowanceMs, expectedMs } from '@fedoxnet/coordinator/rounds/pace';

describe('the time a site is given', () => {
  const workload = { steps: 60, bytes: 4_000_000 };

  it('is steps and both ways of the model, at the pace that was measured', () => {
    // 60 steps of half a second, and twice 4 MB at 1 MB/s: 30 s + 8 s.
    expect(expectedMs({ secondsPerStep: 0.5, bytesPerSecond: 1e6 }, workload)).to.equal(38_000);
  });

  it('is three times that, and never less than a lease', () => {
    const pace = { secondsPerStep: 0.5, bytesPerSecond: 1e6 };
    expect(allowanceMs(pace, workload, 60_000)).to.equal(114_000);
    expect(allowanceMs(pace, workload, 120_000)).to.equal(120_000);
  });

  it('is unknown of a site that never delivered', () => {
    expect(allowanceMs(null, workload, 60_000)).to.equal(null);
  });
});
