import { expect } from 'chai';
import fc from 'fast-check';
import { TokenBucket } from '@fedoxnet/site-agent/agent/token-bucket';

/** A clock that only sleeping moves. */
function fakeClock(): {
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  advance: (ms: number) => void;
} {
  let at = 0;
  return {
    now: () => at,
    sleep: (ms) => {
      at += ms;
      return Promise.resolve();
    },
    advance: (ms) => (at += ms),
  };
}

describe('the token bucket', () => {
  it('lets a burst through at once, and then as much as its rate pays for', async () => {
    const clock = fakeClock();
    const bucket = new TokenBucket(1000, 500, clock.now, clock.sleep);
    await bucket.take(500);
    expect(clock.now()).to.equal(0);
    await bucket.take(250);
    expect(clock.now()).to.equal(250);
    clock.advance(10_000); // a long rest pays for one burst and no more
    await bucket.take(500);
    expect(clock.now()).to.equal(10_250);
    await bucket.take(100);
    expect(clock.now()).to.equal(10_350);
  });

  it('never lets more than rate · t + burst through in any stretch of time t', async () => {
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 400 }),
      rest: fc.integer({ min: 0, max: 900 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = fakeClock();
        const bucket = new TokenBucket(1000, 400, clock.now, clock.sleep);
        const sent: { at: number; bytes: number }[] = [];
        for (const { bytes, rest } of steps) {
          clock.advance(rest);
          await bucket.take(bytes);
          sent.push({ at: clock.now(), bytes });
        }
        for (const [first, { at: begin }] of sent.entries()) {
          let sum = 0;
          for (const { at, bytes } of sent.slice(first)) {
            sum += bytes;
            expect(sum).to.be.at.most(((at - begin) / 1000) * 1000 + 400 + 1e-6);
          }
        }
      }),
      { seed: 11, numRuns: 100 },
    );
  });
});
