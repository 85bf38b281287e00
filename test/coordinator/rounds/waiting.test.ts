import { expect } from 'chai';
import { nextWake } from '@fedoxnet/coordinator/rounds/waiting';
import {
  accepted,
  created,
  DEADLINE,
  EVALUATED,
  kinds,
  LEASE,
  play,
  standing,
  START,
  states,
  tick,
  uploaded,
  type Timed,
} from './small-run.js';

describe('whom a round waits for', () => {
  it('is nobody who never approved the plan', () => {
    const { run } = play(standing('c', { awaySince: 'unapproved' }), START, uploaded('a'), uploaded('b'));
    expect(run.round?.state).to.equal('aggregating');
    expect(run.round?.sites.c).to.include({
      state: 'missing',
      reason: 'The site has not approved the plan.',
    });
  });

  it('is a site that approves in mid-round, and is invited when it connects', () => {
    const begun = play(standing('c', { awaySince: 'unapproved' }), START, uploaded('a'), accepted('b'));
    const approved = play(begun.run, { kind: 'approved', site: 'c', at: 10 });
    expect(nextWake(approved.run, 10), 'the lease from its approval').to.equal(10 + LEASE);
    const { run, effects } = play(approved.run, { kind: 'arrived', site: 'c', at: 20 });
    expect(effects).to.deep.equal([{ kind: 'invite', site: 'c' }]);
    expect(play(run, uploaded('b', 30)).run.round?.state).to.equal('training');
  });

  it('does not begin anew each round for a site that stays away', () => {
    const away = created({ rounds: 3 }, ['c']);
    const first = play(away, START, uploaded('a', 1), uploaded('b', 2), tick(LEASE));
    expect(first.run.round?.state).to.equal('aggregating');
    const second = play(
      first.run,
      { kind: 'aggregated', at: LEASE },
      ...EVALUATED,
      { kind: 'published', at: LEASE },
      { kind: 'next-round', at: LEASE },
    );
    expect(nextWake(second.run, LEASE), 'only the answers of a and b').to.equal(2 * LEASE);
    const delivered = play(
      second.run,
      { ...uploaded('a', 110), round: 2 } as Timed,
      { ...uploaded('b', 120), round: 2 } as Timed,
    );
    expect(delivered.run.round, 'at once').to.include({ number: 2, state: 'aggregating' });
  });

  it('is no site that does not answer its invitation for a lease, though it is connected', () => {
    const { run } = play(created(), START, uploaded('a', 1), uploaded('b', 2));
    expect(nextWake(run, 2)).to.equal(LEASE);
    expect(play(run, tick(LEASE - 1)).run.round?.state).to.equal('training');
    const closed = play(run, tick(LEASE));
    expect(closed.run.round?.state).to.equal('aggregating');
    expect(closed.run.round?.sites.c?.reason).to.equal('The site did not answer its invitation.');
  });

  it('takes an answer that comes after that, while the round is open', () => {
    const { run } = play(created(), START, accepted('a'), accepted('b'), tick(LEASE));
    expect(states(run).c).to.equal('missing');
    expect(states(play(run, accepted('c')).run).c).to.equal('accepted');
  });

  it('is a site of known pace only for the time that its work should take', () => {
    // 10 steps of 4 ms and twice 1000 bytes at 50 kB/s: 40 + 40 = 80 ms, three times that is 240 ms.
    const paced = standing('c', { pace: { secondsPerStep: 0.004, bytesPerSecond: 50_000 } });
    const { run } = play(paced, START, accepted('c'), uploaded('a', 1), uploaded('b', 2));
    expect(nextWake(run, 2)).to.equal(240);
    expect(play(run, tick(239)).run.round?.state).to.equal('training');
    expect(play(run, tick(240)).run.round?.state).to.equal('aggregating');
  });

  it('is everyone until the deadline as long as the quorum is missing', () => {
    const paced = standing('c', { pace: { secondsPerStep: 0.004, bytesPerSecond: 50_000 } });
    const { run } = play(paced, START, accepted('b'), accepted('c'), uploaded('a', 1), tick(500));
    expect(run.round?.state).to.equal('training');
    expect(states(run).c, 'slow, not given up').to.equal('accepted');
    expect(play(run, uploaded('c', 600), tick(DEADLINE)).run.round?.state).to.equal('aggregating');
  });

  it('learns the pace of a site from the update it delivers', () => {
    const pace = { secondsPerStep: 0.1, bytesPerSecond: 7 };
    const { run } = play(created(), START, { ...uploaded('a'), pace } as Timed);
    expect(run.standing.a?.pace).to.deep.equal(pace);
    expect(play(run, uploaded('b')).run.standing.b?.pace).to.equal(null);
  });
});

describe('a site that says "not now"', () => {
  const reason = 'OUTSIDE_HOURS: later';
  const postponed = (at: number): Timed => ({
    ...{ kind: 'postponed', site: 'c', round: 1, attempt: 1 },
    ...{ reason, at },
  });
  const begun = play(created(), START, accepted('a'), accepted('b'), postponed(5)).run;

  it('keeps its place for a lease from its invitation, and its reason is told', () => {
    const { run } = play(begun, uploaded('a', 10), uploaded('b', 20), postponed(30));
    expect(run.round?.sites.c).to.include({ state: 'postponed', reason });
    expect(nextWake(run, 30)).to.equal(LEASE);
    const closed = play(run, tick(LEASE));
    expect(closed.run.round?.state).to.equal('aggregating');
    expect(closed.run.round?.sites.c).to.include({ state: 'postponed', reason });
  });

  it('raises no alarm, however many films it holds: it gave its reason', () => {
    const large = standing('c', { films: 900 }, standing('a', { films: 100 }));
    const { effects } = play(large, START, postponed(5), uploaded('a', 10), uploaded('b', 20), tick(LEASE));
    expect(kinds(effects)).to.deep.equal(['aggregate']);
  });

  it('comes in when it accepts while the round is open, and is out when it declines', () => {
    const after = play(begun, tick(LEASE)).run;
    expect(states(play(after, accepted('c')).run).c).to.equal('accepted');
    const declined = play(after, { kind: 'declined', site: 'c', round: 1, attempt: 1, reason: 'no' });
    expect(declined.run.round?.sites.c).to.include({ state: 'declined', reason: 'no' });
  });

  it('changes nothing with an old answer when it is at work', () => {
    const working = play(begun, accepted('c')).run;
    expect(play(working, postponed(50)).run).to.deep.equal(working);
  });

  it('is still possible, so the study does not pause for the lack of it', () => {
    const failed = (site: string): Timed => ({ kind: 'failed', site, round: 1, attempt: 1, reason: 'x' });
    expect(play(begun, failed('a')).run.state, 'b and c could still').to.equal('running');
  });
});
