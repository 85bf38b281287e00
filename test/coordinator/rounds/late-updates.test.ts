import { expect } from 'chai';
import { takesUpdate, type StudyRun } from '@fedoxnet/coordinator/rounds/run';
import {
  accepted,
  created,
  DEADLINE,
  EVALUATED,
  play,
  START,
  states,
  tick,
  uploaded,
  type Timed,
} from './small-run.js';

describe('an update that is late', () => {
  const late = (stragglers: StudyRun['stragglers']) =>
    play(created({ stragglers }), START, accepted('c'), uploaded('a', 1), uploaded('b', 2), tick(DEADLINE));
  const untilNext: Timed[] = [
    { kind: 'aggregated' },
    ...EVALUATED,
    { kind: 'published' },
    { kind: 'next-round' },
  ];

  it('is lost where the plan drops it', () => {
    const { run } = late('drop');
    expect(run.round?.sites.c).to.include({
      state: 'missing',
      reason: 'No update came before the round closed.',
    });
    expect(play(run, uploaded('c')).run).to.deep.equal(run);
    const next = play(run, ...untilNext);
    expect(next.effects.filter(({ kind }) => kind === 'invite')).to.have.length(3);
  });

  it('is counted in the next round where the plan carries it', () => {
    const { run } = late('carry');
    expect(states(run)).to.deep.equal({ a: 'uploaded', b: 'uploaded', c: 'late' });
    const closed = play(run, { kind: 'aggregated' });
    expect(closed.effects[0]).to.deep.equal({
      kind: 'tell-closed',
      to: null,
      counted: ['a', 'b'],
      carried: ['c'],
    });
    expect(
      closed.effects.some((effect) => effect.kind === 'ask-evaluation' && effect.site === 'c'),
      'it is at work',
    ).to.equal(false);
    expect(play(closed.run, uploaded('c')).run, 'no round takes it yet').to.deep.equal(closed.run);

    const next = play(run, ...untilNext);
    expect(next.run.round?.sites.c).to.deep.include({ state: 'invited', carried: { round: 1, attempt: 1 } });
    const first = { round: 1, attempt: 1 };
    expect(
      takesUpdate(closed.run.round!, 'c', first),
      'it may be sent before the next round is open',
    ).to.equal(true);
    expect(takesUpdate(next.run.round!, 'c', first)).to.equal(true);
    expect(takesUpdate(next.run.round!, 'c', { round: 2, attempt: 1 }), 'not beside it').to.equal(false);
    const delivered = play(next.run, uploaded('c', 10));
    expect(takesUpdate(delivered.run.round!, 'c', first), 'it was accepted').to.equal(false);
    expect(delivered.run.round).to.include({ number: 2 });
    expect(states(delivered.run)).to.deep.equal({ a: 'invited', b: 'invited', c: 'uploaded' });
    const again = play(delivered.run, uploaded('c', 20));
    expect(again.run, 'once').to.deep.equal(delivered.run);
  });

  it('is not carried twice, and not past the last round', () => {
    const second = play(late('carry').run, ...untilNext).run;
    const of2 = (site: string): Timed => ({ ...uploaded(site), round: 2 }) as Timed;
    const twice = play(
      { ...second, rounds: 3 },
      { kind: 'accepted', site: 'c', round: 1, attempt: 1 },
      of2('a'),
      of2('b'),
      tick(5000),
    );
    expect(states(twice.run).c).to.equal('missing');
    const last = play(
      created({ stragglers: 'carry', rounds: 1 }),
      START,
      accepted('c'),
      uploaded('a'),
      uploaded('b'),
    );
    expect(states(play(last.run, tick(DEADLINE)).run).c).to.equal('missing');
  });

  it('that fails in between leaves the site free for the next round', () => {
    const failed = play(late('carry').run, { kind: 'failed', site: 'c', round: 1, attempt: 1, reason: 'x' });
    expect(failed.run.round?.sites.c).to.include({ state: 'failed', reason: 'x' });
    const next = play(failed.run, ...untilNext);
    expect(next.run.round?.sites.c).to.deep.include({ state: 'invited', carried: null });
  });
});
