import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { backOffMs, pause, withRetries } from '@fedoxnet/site-agent/agent/back-off';
import { codeOf } from '../../support/rejection.js';

describe('back-off', () => {
  it('doubles from a quarter of a second to half a minute', () => {
    const longest = [1, 2, 3, 7, 8, 50].map((failures) => backOffMs(failures, () => 0));
    expect(longest).to.deep.equal([250, 500, 1000, 16_000, 30_000, 30_000]);
  });

  it('is shortened by at most half', () => {
    expect(backOffMs(3, () => 0.999999)).to.be.within(500, 501);
  });

  it('ends a pause with the reason of the signal', async () => {
    const controller = new AbortController();
    const waiting = pause(60_000, controller.signal);
    controller.abort(new FederationError('ROUND_CLOSED', 'Round 3 has closed.'));
    expect(await codeOf(waiting)).to.equal('ROUND_CLOSED');
  });

  it('tries again after errors that may pass, and not after others', async () => {
    const { signal } = new AbortController();
    const errors = [
      new FederationError('COORDINATOR_UNREACHABLE', 'a'),
      new FederationError('ROUND_CLOSED', 'b'),
    ];
    let tries = 0;
    const task = () => Promise.reject(errors[tries++] as Error);
    expect(await codeOf(withRetries(task, { signal }))).to.equal('ROUND_CLOSED');
    expect(tries).to.equal(2);
  });

  it('gives up after the allowed tries in a row, counted anew when something got done', async () => {
    const { signal } = new AbortController();
    let tries = 0;
    const task = (progressed: () => void) => {
      tries += 1;
      if (tries === 1) progressed();
      return Promise.reject(new FederationError('RATE_LIMITED', 'wait'));
    };
    expect(await codeOf(withRetries(task, { signal, attempts: 2 }))).to.equal('RATE_LIMITED');
    expect(tries).to.equal(2);
  });
});
