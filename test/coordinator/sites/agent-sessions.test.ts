import { expect } from 'chai';
import { AgentSessions } from '@fedoxnet/coordinator/sites/agent-sessions';

const HOUR = 3_600_000;

describe('the sessions of a connected agent', () => {
  it('are the one it connected with and those that it went on with', () => {
    const sessions = new AgentSessions('first', '10.0.0.1', () => 0);
    expect(sessions.has('first')).to.equal(true);
    expect(sessions.has('other')).to.equal(false);
    expect(sessions.renew('other', 'more')).to.equal(false);
    expect(sessions.has('more')).to.equal(false);
    expect(sessions.renew('first', 'second')).to.equal(true);
    expect(
      ['first', 'second'].map((session) => sessions.has(session)),
      'requests may be on their way',
    ).to.deep.equal([true, true]);
    expect(sessions.renew('second', 'third')).to.equal(true);
    expect(sessions.has('first')).to.equal(false);
  });

  it('are any from when the last of them has ended, so that an agent that cannot go on is not shut out', () => {
    let now = 0;
    const sessions = new AgentSessions('first', '10.0.0.1', () => now);
    now = 10 * HOUR;
    sessions.renew('first', 'second');
    now = 22 * HOUR - 1;
    expect(sessions.has('other')).to.equal(false);
    now = 22 * HOUR;
    expect(sessions.has('other')).to.equal(true);
  });
});
