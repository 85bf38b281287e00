import { expect } from 'chai';
import {
  accepted,
  created,
  DEADLINE,
  kinds,
  play,
  START,
  states,
  tick,
  uploaded,
  type Timed,
} from './small-run.js';

const withdrawn = (site: string): Timed => ({ kind: 'withdrawn', site });

describe('a site that was revoked', () => {
  it('has no part in a round that is collected: what it delivered is left out, and nobody waits for it', () => {
    const { run } = play(created(), START, uploaded('a'), uploaded('c'), accepted('b'), withdrawn('c'));
    expect(run.round?.sites.c).to.include({
      state: 'failed',
      reason: 'The site was revoked, or has other keys now.',
    });
    expect(play(run, uploaded('c')).run.round?.sites.c?.state, 'though it was under verification').to.equal(
      'failed',
    );
    const closed = play(run, uploaded('b'));
    expect(closed.run.round?.state).to.equal('aggregating');
    expect(kinds(closed.effects)).to.deep.equal(['aggregate']);
    expect(states(closed.run)).to.deep.equal({ a: 'uploaded', b: 'uploaded', c: 'failed' });
  });

  it('ends a round that cannot reach its quorum without it', () => {
    const { run } = play(created(), START, uploaded('a'), uploaded('c'), {
      kind: 'declined',
      site: 'b',
      round: 1,
      attempt: 1,
      reason: 'r',
    });
    // a and c are the quorum, and all that is awaited: the sum has begun.
    expect(run.round?.state).to.equal('aggregating');
    const waiting = play(created({ quorum: 3 }), START, uploaded('a'), uploaded('c'), withdrawn('c')).run;
    expect(waiting).to.include({ state: 'paused' });
    expect(waiting.round?.state).to.equal('failed');
  });

  it('stays in a sum that has begun, and is out when that sum fails and the round is tried again', () => {
    const summing = play(created(), START, uploaded('a'), uploaded('b'), uploaded('c'), withdrawn('c')).run;
    expect(states(summing)).to.deep.equal({ a: 'uploaded', b: 'uploaded', c: 'uploaded' });
    expect(states(play(summing, { kind: 'aggregated' }).run).c).to.equal('counted');
    const again = play(summing, { kind: 'aggregation-failed', reason: 'r' }, { kind: 'resumed' });
    expect(states(again.run)).to.deep.equal({ a: 'uploaded', b: 'uploaded', c: 'missing' });
    expect(again.effects, 'the others are the quorum').to.deep.equal([{ kind: 'aggregate' }]);
  });

  it('is not waited for while a release is scored', () => {
    const scoring = play(created(), START, uploaded('a'), uploaded('b'), uploaded('c'), {
      kind: 'aggregated',
    }).run;
    const scored: Timed[] = ['a', 'b'].map((site) => ({ kind: 'evaluated', site }));
    expect(kinds(play(scoring, ...scored).effects)).to.deep.equal([]);
    expect(kinds(play(scoring, ...scored, withdrawn('c')).effects)).to.deep.equal(['publish']);
  });

  it('brings no late update into the next round', () => {
    const closing = play(
      created({ stragglers: 'carry' }),
      START,
      accepted('c'),
      uploaded('a'),
      uploaded('b'),
    );
    const late = play(closing.run, tick(DEADLINE)).run;
    expect(states(late).c).to.equal('late');
    expect(states(play(late, withdrawn('c')).run).c).to.equal('failed');
  });

  it('is left out after a restart that came before the word of it', () => {
    const { run } = play(created(), START, uploaded('c'));
    const before = run.standing.c;
    expect(before).to.not.equal(undefined);
    const loaded = {
      ...run,
      standing: { ...run.standing, c: { ...before!, awaySince: 'unapproved' as const } },
    };
    expect(states(play(loaded, { kind: 'recovered' }).run).c).to.equal('failed');
  });

  it('may come back: it is invited once it has approved the plan again', () => {
    const { run } = play(created(), START, uploaded('c'), withdrawn('c'));
    const back = play(run, { kind: 'approved', site: 'c' }, { kind: 'arrived', site: 'c' });
    expect(back.effects).to.deep.include({ kind: 'invite', site: 'c' });
    expect(states(play(back.run, uploaded('c')).run).c).to.equal('uploaded');
  });
});
