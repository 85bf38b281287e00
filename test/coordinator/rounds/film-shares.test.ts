import { expect } from 'chai';
import {
  created,
  DEADLINE,
  kinds,
  LEASE,
  play,
  standing,
  START,
  tick,
  uploaded,
  type Timed,
} from './small-run.js';

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
