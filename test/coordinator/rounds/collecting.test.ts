import { expect } from 'chai';
import type { SiteStanding, StudyRun } from '@fedoxnet/coordinator/rounds/run';
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

/** The run with one site's standing changed. */
function standing(site: string, change: Partial<SiteStanding>, run: StudyRun = created()): StudyRun {
  const before = run.standing[site] as SiteStanding;
  return { ...run, standing: { ...run.standing, [site]: { ...before, ...change } } };
}

const tick = (at: number): Timed => ({ kind: 'ticked', at });
const waits = (site: string, at = 5): Timed => ({
  ...{ kind: 'waits', site, round: 1, attempt: 1 },
  ...{ reason: 'Only films with boxes teach: it waits for round 2.', at },
});
const EVALUATED: Timed[] = ['a', 'b'].map((site) => ({ kind: 'evaluated', site }));

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
    const delivered = play(next.run, uploaded('c', 10));
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

describe('a site that falls silent', () => {
  const described: Timed[] = [
    { kind: 'described', site: 'a', films: 100 },
    { kind: 'described', site: 'b', films: 500 },
    { kind: 'described', site: 'c', films: 150 },
  ];

  it('raises the alarm when it holds a fifth of the films', () => {
    const { effects, run } = play(
      created(),
      ...described,
      START,
      { kind: 'left', site: 'c', at: 1 },
      uploaded('a', 2),
      uploaded('b', 3),
      tick(1 + LEASE),
    );
    expect(kinds(effects)).to.deep.equal(['aggregate', 'alarm']);
    // 150 of 750
    expect(effects[1]).to.deep.equal({
      kind: 'alarm',
      site: 'c',
      filmShare: 0.2,
      reason: 'The connection to the site was lost.',
    });
    expect(run.round?.sites.b?.filmShare).to.be.closeTo(500 / 750, 1e-12);
  });

  it('raises none below that, none when it says why, and none when it never joined', () => {
    const small = play(
      created(),
      ...described,
      { kind: 'described', site: 'c', films: 149 },
      START,
      { kind: 'left', site: 'c' },
      uploaded('a'),
      uploaded('b'),
      tick(LEASE),
    );
    expect(kinds(small.effects)).to.deep.equal(['aggregate']);
    const said = play(
      created(),
      ...described,
      START,
      { kind: 'declined', site: 'c', round: 1, attempt: 1, reason: 'night' },
      uploaded('a'),
      uploaded('b'),
    );
    expect(kinds(said.effects)).to.deep.equal(['aggregate']);
    const stranger = play(
      standing('c', { awaySince: 'unapproved' }),
      ...described,
      START,
      uploaded('a'),
      uploaded('b'),
    );
    expect(kinds(stranger.effects)).to.deep.equal(['aggregate']);
    // The stranger's films are no part of the study: 500 of 600.
    expect(stranger.run.round?.sites.b?.filmShare).to.be.closeTo(500 / 600, 1e-12);
  });

  it('raises the alarm too when the round fails for it', () => {
    const { effects } = play(
      created(),
      ...described,
      START,
      { kind: 'left', site: 'b' },
      uploaded('a'),
      tick(LEASE),
      tick(DEADLINE),
    );
    expect(effects.map((effect) => effect.kind === 'alarm' && effect.site)).to.include('b');
  });
});

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
