import { expect } from 'chai';
import fc from 'fast-check';
import { sitesIn, type RunEvent } from '@fedoxnet/coordinator/rounds/run';
import { transition } from '@fedoxnet/coordinator/rounds/transition';
import { nextWake } from '@fedoxnet/coordinator/rounds/waiting';
import {
  accepted,
  created,
  DEADLINE,
  kinds,
  LEASE,
  play,
  START,
  states,
  uploaded,
  type Timed,
} from './small-run.js';

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

  describe('quorum and deadline', () => {
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

  describe('whatever happens', () => {
    const site = fc.constantFrom('a', 'b', 'c', 'stranger');
    const number = fc.integer({ min: 1, max: 2 });
    const attempt = fc.integer({ min: 1, max: 3 });
    const event: fc.Arbitrary<RunEvent> = fc.oneof(
      fc.constantFrom<RunEvent>(
        { kind: 'started' },
        { kind: 'paused' },
        { kind: 'resumed' },
        { kind: 'recovered' },
        { kind: 'aggregated' },
        { kind: 'aggregation-failed', reason: 'r' },
        { kind: 'published' },
        { kind: 'next-round' },
        { kind: 'ticked' },
      ),
      fc.record({ kind: fc.constantFrom('arrived' as const, 'left' as const, 'evaluated' as const), site }),
      fc.record({ kind: fc.constant('accepted' as const), site, round: number, attempt }),
      fc.record({ kind: fc.constant('uploaded' as const), site, round: number, attempt }),
      fc.record({
        kind: fc.constantFrom('declined' as const, 'failed' as const),
        site,
        round: number,
        attempt,
        reason: fc.constant('r'),
      }),
      fc.record({
        kind: fc.constantFrom('refused' as const, 'evaluation-out' as const),
        site,
        reason: fc.constant('r'),
      }),
    );
    const story = fc.array(fc.tuple(event, fc.integer({ min: 0, max: 400 })), { maxLength: 60 });

    it('a round never goes back, nothing delivered is lost, and only a quorum is aggregated', () => {
      fc.assert(
        fc.property(story, (steps) => {
          let run = created();
          let now = 0;
          for (const [happened, later] of steps) {
            now += later;
            const before = run;
            const { run: after, effects } = transition(run, happened, now);
            run = after;
            const [old, round] = [before.round, after.round];
            if (round === null) continue;
            expect(Object.keys(round.sites).sort()).to.deep.equal(['a', 'b', 'c']);
            expect(round.number).to.be.at.least(old?.number ?? 1);
            const sameRound = old?.number === round.number;
            if (sameRound) expect(round.attempt).to.be.at.least(old.attempt);
            else if (old !== null) expect(old.state).to.equal('published');
            for (const name of sameRound && happened.kind !== 'refused' ? sitesIn(old, 'uploaded') : []) {
              expect(round.sites[name]?.state).to.be.oneOf(['uploaded', 'counted']);
            }
            if (effects.some(({ kind }) => kind === 'aggregate')) {
              expect(sitesIn(round, 'uploaded').length).to.be.at.least(run.quorum);
            }
            const collecting = round.state === 'inviting' || round.state === 'training';
            if (run.state === 'running' && (collecting || round.state === 'evaluating')) {
              const wake = nextWake(run, now);
              // Someone or something will move it on: a round never waits for ever.
              expect(wake !== null || effects.length > 0).to.equal(true);
            }
          }
        }),
        { seed: 4711, numRuns: 400 },
      );
    });
  });
});
