import { expect } from 'chai';
import { pino } from 'pino';
import { Insistence, pauseMs } from '@fedoxnet/coordinator/rounds/insistence';

describe('insistence', () => {
  const log = pino({ level: 'silent' });

  it('pauses a quarter of a second, then twice as long each time, up to ten', () => {
    expect([1, 2, 3, 6, 7, 100].map(pauseMs)).to.deep.equal([250, 500, 1000, 8000, 10_000, 10_000]);
  });

  it('does what fails again until it succeeds', async () => {
    let tries = 0;
    await new Insistence(log).insist(async () => {
      tries += 1;
      if (tries < 3) throw new Error('not yet');
    });
    expect(tries).to.equal(3);
  });

  it('ends at once when it is closed, in the middle of a pause too', async () => {
    const insistence = new Insistence(log);
    let tries = 0;
    const task = insistence.insist(async () => {
      tries += 1;
      throw new Error('never');
    });
    await insistence.close();
    await task;
    expect(tries).to.equal(1);
    await insistence.pause(1_000_000);
  });
});
