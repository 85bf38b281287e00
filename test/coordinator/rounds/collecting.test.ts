import { expect } from 'chai';
import { nextWake } from '@fedoxnet/coordinator/rounds/waiting';
import { accepted, created, DEADLINE, LEASE, play, START, states, uploaded } from './small-run.js';

describe('quorum and deadline of a round', () => {
  it('do not wait for sites that declined or failed', () => {
    const declined = play(created(), START, {
      kind: 'declined',
      site: 'c',
      round: 1,
      attempt: 1,
      reason: 'night',
    });
    const { run } = play(declined.run, uploaded('a'), uploaded('b'));
    expect(run.round?.state).to.equal('aggregating');
    expect(run.round?.sites.c).to.include({ state: 'declined', reason: 'night' });
  });

  it('close at the deadline with a quorum, not a millisecond before', () => {
    const { run } = play(created(), START, accepted('c'), uploaded('a'), uploaded('b'));
    expect(play(run, { kind: 'ticked', at: DEADLINE - 1 }).run.round?.state).to.equal('training');
    const late = play(run, { kind: 'ticked', at: DEADLINE });
    expect(late.run.round?.state).to.equal('aggregating');
    expect(states(late.run)).to.deep.equal({ a: 'uploaded', b: 'uploaded', c: 'missing' });
  });

  it('pause the study at the deadline without a quorum', () => {
    const { run } = play(created(), START, uploaded('a'), { kind: 'ticked', at: DEADLINE });
    expect(run.state).to.equal('paused');
    expect(run.reason).to.equal('Round 1 got 1 update of the 2 it needs before its deadline.');
    expect(run.round).to.include({ state: 'failed', endedAt: DEADLINE });
  });

  it('give up as soon as no quorum is possible', () => {
    const { run } = play(
      created(),
      START,
      { kind: 'failed', site: 'a', round: 1, attempt: 1, reason: 'x' },
      { kind: 'declined', site: 'b', round: 1, attempt: 1, reason: 'y' },
    );
    expect(run.state).to.equal('paused');
    expect(run.reason).to.match(/0 updates of the 2 it needs and the other sites/);
  });

  it('take an update that comes with the deadline already past but the round still open', () => {
    const { run } = play(created(), START, uploaded('a'), uploaded('b', DEADLINE + 5));
    expect(run.round?.state).to.equal('aggregating');
  });
});

describe('a site that is away', () => {
  it('is waited for until its lease ends', () => {
    const { run } = play(created({}, ['c']), START, uploaded('a'), uploaded('b'));
    expect(states(run).c).to.equal('missing');
    expect(nextWake(run, 0)).to.equal(LEASE);
    expect(play(run, { kind: 'ticked', at: LEASE - 1 }).run.round?.state).to.equal('training');
    expect(play(run, { kind: 'ticked', at: LEASE }).run.round?.state).to.equal('aggregating');
  });

  it('joins when it arrives', () => {
    const { run, effects } = play(created({}, ['c']), START, { kind: 'arrived', site: 'c' });
    expect(effects).to.deep.equal([{ kind: 'invite', site: 'c' }]);
    expect(states(run).c).to.equal('invited');
  });

  it('keeps its place over a short break, and is invited again with the same attempt', () => {
    const { run, effects } = play(
      created(),
      START,
      { kind: 'progressed', site: 'a', round: 1, attempt: 1, state: 'training' },
      { kind: 'left', site: 'a', at: 10 },
      { kind: 'arrived', site: 'a', at: 20 },
    );
    expect(effects).to.deep.equal([{ kind: 'invite', site: 'a' }]);
    expect(run.round?.attempt).to.equal(1);
  });

  it('is missing when its lease ends, and may still deliver', () => {
    const { run } = play(
      created(),
      START,
      { kind: 'left', site: 'a', at: 10 },
      { kind: 'ticked', at: 10 + LEASE },
    );
    expect(states(run).a).to.equal('missing');
    expect(states(play(run, uploaded('a', 200)).run).a).to.equal('uploaded');
  });

  it('gets another chance after a failure when it comes back', () => {
    const { run, effects } = play(
      created(),
      START,
      { kind: 'failed', site: 'a', round: 1, attempt: 1, reason: 'crash' },
      { kind: 'left', site: 'a' },
      { kind: 'arrived', site: 'a' },
    );
    expect(effects).to.deep.equal([{ kind: 'invite', site: 'a' }]);
    expect(run.round?.sites.a).to.include({ state: 'invited', reason: null });
  });

  it('is not invited again once it has delivered', () => {
    const { run, effects } = play(
      created(),
      START,
      uploaded('a'),
      { kind: 'left', site: 'a' },
      { kind: 'arrived', site: 'a' },
    );
    expect(effects).to.deep.equal([]);
    expect(states(run).a).to.equal('uploaded');
  });

  it('is asked to score a release when it arrives during evaluation', () => {
    const { effects } = play(
      created({}, ['c']),
      START,
      uploaded('a'),
      uploaded('b'),
      { kind: 'ticked', at: LEASE },
      { kind: 'aggregated' },
      { kind: 'arrived', site: 'c' },
    );
    expect(effects).to.deep.equal([
      { kind: 'tell-closed', to: 'c', counted: ['a', 'b'], carried: [] },
      { kind: 'ask-evaluation', site: 'c' },
    ]);
  });
});

describe('participation', () => {
  it('says when each stage was reached', () => {
    const { run } = play(
      created(),
      START,
      { ...accepted('a'), at: 5 },
      { kind: 'progressed', site: 'a', round: 1, attempt: 1, state: 'training', at: 6 },
      { kind: 'progressed', site: 'a', round: 1, attempt: 1, state: 'uploading', at: 40 },
      uploaded('a', 50),
      uploaded('b', 60),
      uploaded('c', 70),
      { kind: 'aggregated', at: 80 },
    );
    expect(run.round?.sites.a?.stages).to.deep.equal({
      invited: 0,
      accepted: 5,
      trained: 40,
      uploaded: 50,
      counted: 80,
    });
  });
});
