import { expect } from 'chai';
import fc from 'fast-check';
import { isCollecting, isWithdrawn, sitesIn, type RunEvent } from '@fedoxnet/coordinator/rounds/run';
import { transition } from '@fedoxnet/coordinator/rounds/transition';
import { nextWake } from '@fedoxnet/coordinator/rounds/waiting';
import { created } from './small-run.js';

const WORDS = ['arrived', 'left', 'approved', 'withdrawn', 'evaluated'] as const;

describe('the rounds of a study, whatever happens', () => {
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
    fc.record({ kind: fc.constantFrom(...WORDS), site }),
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

  it('a round never goes back, nothing delivered is lost but what was revoked, and only a quorum is aggregated', () => {
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
            const states = isWithdrawn(after, name)
              ? ['uploaded', 'counted', 'failed', 'missing']
              : ['uploaded', 'counted'];
            expect(round.sites[name]?.state).to.be.oneOf(states);
          }
          if (isCollecting(round)) {
            const taken = sitesIn(round, 'uploaded').filter((name) => isWithdrawn(after, name));
            expect(taken, 'nothing of a revoked site').to.deep.equal([]);
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
