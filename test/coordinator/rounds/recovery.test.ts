import { expect } from 'chai';
import { accepted, created, DEADLINE, LEASE, play, START, states, uploaded } from './small-run.js';

describe('after a restart of the coordinator', () => {
  it('those at work are asked again, and go on where they are', () => {
    const { run } = play(created(), START, accepted('a'), uploaded('b'));
    const again = play(run, { kind: 'recovered', at: 50 });
    expect(again.effects).to.deep.equal([
      { kind: 'invite', site: 'a' },
      { kind: 'invite', site: 'c' },
    ]);
    expect(states(again.run)).to.deep.equal({ a: 'accepted', b: 'uploaded', c: 'invited' });
  });

  it('a deadline that passed meanwhile leaves one lease more', () => {
    const { run } = play(created(), START, accepted('a'));
    expect(play(run, { kind: 'recovered', at: DEADLINE + 500 }).run.round).to.include({
      state: 'training',
      deadline: DEADLINE + 500 + LEASE,
    });
  });

  it('a deadline is never further away than a whole phase, whatever the clock was', () => {
    const { run } = play(created(), { ...START, at: 100_000 }, { ...accepted('a'), at: 100_000 });
    expect(play(run, { kind: 'recovered', at: 0 }).run.round?.deadline).to.equal(DEADLINE);
  });

  it('those who were asked to score a release are asked again', () => {
    const { run } = play(created(), START, uploaded('a'), uploaded('b'), uploaded('c'), {
      kind: 'aggregated',
    });
    const again = play(run, { kind: 'evaluated', site: 'b' }, { kind: 'recovered' });
    expect(again.effects).to.deep.equal([
      { kind: 'ask-evaluation', site: 'a' },
      { kind: 'ask-evaluation', site: 'c' },
    ]);
  });
});
