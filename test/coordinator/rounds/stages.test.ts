import { expect } from 'chai';
import type { StudyRun } from '@fedoxnet/coordinator/rounds/run';
import { accepted, created, play, START, uploaded, type Timed } from './small-run.js';

const waits = (site: string, at = 5): Timed => ({
  ...{ kind: 'waits', site, round: 1, attempt: 1 },
  ...{ reason: 'Only films with boxes teach: it waits for round 2.', at },
});

describe('a site that waits for its stage', () => {
  const staged = (quorum?: number): StudyRun =>
    created({
      stages: [
        { fromRound: 1, films: ['box'], ...(quorum === undefined ? {} : { quorum }) },
        { fromRound: 2, films: ['box', 'image'] },
      ],
    });

  it('is named as such with the reason, is not waited for, and scores the release', () => {
    const { run } = play(
      staged(),
      START,
      accepted('a'),
      accepted('b'),
      waits('c'),
      uploaded('a', 10),
      uploaded('b', 20),
    );
    expect(run.round?.state).to.equal('aggregating');
    expect(run.round?.sites.c).to.include({
      state: 'waiting',
      reason: 'Only films with boxes teach: it waits for round 2.',
    });
    const { effects } = play(run, { kind: 'aggregated', at: 30 });
    expect(effects).to.deep.include({ kind: 'ask-evaluation', site: 'c' });
  });

  it('is not asked again when it connects anew', () => {
    const { run } = play(staged(), START, accepted('a'), waits('c'), { kind: 'left', site: 'c', at: 6 });
    const { effects } = play(run, { kind: 'arrived', site: 'c', at: 7 });
    expect(effects).to.deep.equal([]);
  });

  it('leaves a quorum that the stage sets within reach', () => {
    const alone = play(staged(1), START, accepted('a'), waits('b'), waits('c'), uploaded('a', 10));
    expect(alone.run.round?.state).to.equal('aggregating');
  });

  it('ends the round at once where the quorum cannot be had any more, and says why', () => {
    const { run } = play(staged(), START, accepted('a'), waits('b'), waits('c'));
    expect(run).to.include({ state: 'paused' });
    expect(run.reason).to.equal(
      'Round 1 got 0 updates of the 2 it needs and the other sites declined, failed or wait for a later stage.',
    );
  });

  it('is invited to the round of its stage', () => {
    const first = play(staged(), START, uploaded('a', 1), uploaded('b', 2), waits('c', 3)).run;
    const { effects } = play(
      first,
      { kind: 'aggregated', at: 10 },
      ...['a', 'b', 'c'].map((site): Timed => ({ kind: 'evaluated', site })),
      { kind: 'published', at: 11 },
      { kind: 'next-round', at: 12 },
    );
    expect(effects).to.deep.include({ kind: 'invite', site: 'c' });
  });
});
