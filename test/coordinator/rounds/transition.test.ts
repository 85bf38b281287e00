import { expect } from 'chai';
import { sitesIn } from '@fedoxnet/coordinator/rounds/run';
import { nextWake } from '@fedoxnet/coordinator/rounds/waiting';
import { created, DEADLINE, kinds, play, START, states, uploaded, type Timed } from './small-run.js';

describe('the rounds of a study', () => {
  it('go from invitation to publication, and on to the next', () => {
    let step = play(created(), START);
    expect(step.run.round).to.include({ number: 1, attempt: 1, state: 'inviting', deadline: DEADLINE });
    expect(step.effects).to.deep.equal(['a', 'b', 'c'].map((site) => ({ kind: 'invite', site })));

    step = play(step.run, { kind: 'accepted', site: 'a', round: 1, attempt: 1, at: 10 });
    expect(step.run.round?.state).to.equal('training');
    step = play(step.run, { kind: 'progressed', site: 'a', round: 1, attempt: 1, state: 'training', at: 20 });
    expect(states(step.run)).to.deep.equal({ a: 'training', b: 'invited', c: 'invited' });

    step = play(step.run, uploaded('a', 30), uploaded('b', 40));
    expect(step.effects).to.deep.equal([]);
    step = play(step.run, uploaded('c', 50));
    expect(step.run.round?.state).to.equal('aggregating');
    expect(step.effects).to.deep.equal([{ kind: 'aggregate' }]);

    step = play(step.run, { kind: 'aggregated', at: 2050 });
    expect(step.run.round).to.include({ state: 'evaluating', deadline: 2050 + DEADLINE });
    expect(step.effects[0]).to.deep.equal({
      kind: 'tell-closed',
      to: null,
      counted: ['a', 'b', 'c'],
      carried: [],
    });
    expect(kinds(step.effects).slice(1)).to.deep.equal(new Array(3).fill('ask-evaluation'));

    step = play(
      step.run,
      { kind: 'evaluated', site: 'a', at: 2100 },
      { kind: 'evaluation-out', site: 'b', reason: 'no films' },
      { kind: 'evaluated', site: 'c', at: 3050 },
    );
    expect(kinds(step.effects)).to.deep.equal(['publish']);
    step = play(step.run, { kind: 'published', at: 3050 });
    expect(step.run.round).to.include({ state: 'published', endedAt: 3050 });
    expect(step.run.round?.seconds).to.deep.equal({ train: 0.05, aggregate: 2, evaluate: 1 });
    expect(kinds(step.effects)).to.deep.equal(['next-round']);

    step = play(step.run, { kind: 'next-round', at: 3060 });
    expect(step.run.round).to.include({ number: 2, attempt: 1, state: 'inviting', deadline: 4060 });
    expect(kinds(step.effects)).to.deep.equal(['invite', 'invite', 'invite']);
  });

  it('end after the last round', () => {
    const { run, effects } = play(
      created({ rounds: 1 }),
      START,
      uploaded('a'),
      uploaded('b'),
      uploaded('c'),
      { kind: 'aggregated' },
      { kind: 'evaluated', site: 'a' },
      { kind: 'evaluated', site: 'b' },
      { kind: 'evaluated', site: 'c' },
      { kind: 'published' },
    );
    expect(run.state).to.equal('finished');
    expect(effects).to.deep.equal([{ kind: 'tell-ended', state: 'finished' }]);
  });

  describe('an operator', () => {
    it('pauses: updates are taken, but no round closes or opens', () => {
      const { run, effects } = play(
        created(),
        START,
        { kind: 'paused' },
        uploaded('a'),
        uploaded('b'),
        uploaded('c', DEADLINE + 1),
      );
      expect(sitesIn(run.round!, 'uploaded')).to.deep.equal(['a', 'b', 'c']);
      expect(run.round?.state).to.equal('training');
      expect(effects).to.deep.equal([]);
      expect(nextWake(run, 0)).to.equal(null);
      expect(kinds(play(run, { kind: 'resumed', at: 5000 }).effects)).to.deep.equal(['aggregate']);
    });

    it('resumes with a fresh deadline and invites those still at work again', () => {
      const { run, effects } = play(
        created(),
        START,
        uploaded('a'),
        { kind: 'paused' },
        { kind: 'resumed', at: 700 },
      );
      expect(run.round).to.include({ attempt: 1, deadline: 700 + DEADLINE });
      expect(effects).to.deep.equal([
        { kind: 'invite', site: 'b' },
        { kind: 'invite', site: 'c' },
      ]);
    });

    it('resumes a failed round as a new attempt, in which delivered updates still count', () => {
      const { run, effects } = play(
        created(),
        START,
        uploaded('a'),
        { kind: 'ticked', at: DEADLINE },
        { kind: 'resumed', at: 3000 },
      );
      expect(run.round).to.include({ attempt: 2, state: 'inviting', endedAt: null });
      expect(states(run)).to.deep.equal({ a: 'uploaded', b: 'invited', c: 'invited' });
      expect(effects).to.have.length(2);
      expect(states(play(run, uploaded('b')).run).b, 'a late word of attempt 1').to.equal('invited');
    });

    it('opens the next round only on resuming when the last was published in a pause', () => {
      const { run, effects } = play(
        created({ quorum: 1 }),
        START,
        uploaded('a'),
        uploaded('b'),
        uploaded('c'),
        { kind: 'paused' },
        { kind: 'aggregated' },
        { kind: 'published' },
      );
      expect(effects).to.deep.equal([]);
      expect(kinds(play(run, { kind: 'resumed' }).effects)).to.deep.equal(['next-round']);
    });

    it('cancels for good', () => {
      const { run, effects } = play(created(), START, { kind: 'cancelled' });
      expect(run.state).to.equal('cancelled');
      expect(run.round?.state).to.equal('failed');
      expect(effects).to.deep.equal([{ kind: 'tell-ended', state: 'cancelled' }]);
      expect(play(run, { kind: 'resumed' }).run).to.deep.equal(run);
    });
  });

  describe('aggregation', () => {
    const collected = () => play(created(), START, uploaded('a'), uploaded('b'), uploaded('c')).run;

    it('goes on without an upload that cannot be counted', () => {
      const { run, effects } = play(collected(), { kind: 'refused', site: 'b', reason: 'damaged' });
      expect(states(run).b).to.equal('failed');
      expect(effects).to.deep.equal([{ kind: 'aggregate' }]);
    });

    it('stops when too few are left', () => {
      const { run } = play(
        collected(),
        { kind: 'refused', site: 'b', reason: 'damaged' },
        { kind: 'refused', site: 'c', reason: 'damaged too' },
      );
      expect(run).to.include({ state: 'paused', reason: 'damaged too' });
      expect(run.round?.state).to.equal('failed');
    });

    it('is asked for again after a restart', () => {
      expect(play(collected(), { kind: 'recovered' }).effects).to.deep.equal([{ kind: 'aggregate' }]);
    });

    it('takes no upload any more', () => {
      const run = collected();
      expect(play(run, uploaded('a')).run).to.deep.equal(run);
    });
  });

  it('publish at the deadline when a site never sends its report', () => {
    const evaluating = play(created(), START, uploaded('a'), uploaded('b'), uploaded('c'), {
      kind: 'aggregated',
    });
    expect(nextWake(evaluating.run, 0)).to.equal(DEADLINE);
    const { effects } = play(evaluating.run, { kind: 'ticked', at: DEADLINE });
    expect(kinds(effects)).to.deep.equal(['publish']);
  });

  it('publish after a restart, when everyone asked has answered', () => {
    const { run } = play(
      created({ quorum: 1 }),
      START,
      uploaded('a'),
      uploaded('b'),
      uploaded('c'),
      { kind: 'aggregated' },
      ...['a', 'b', 'c'].map((site): Timed => ({ kind: 'evaluated', site })),
    );
    expect(kinds(play(run, { kind: 'recovered' }).effects)).to.deep.equal(['publish']);
  });
});
