import { expect } from 'chai';
import { roundRows } from '@fedoxnet/coordinator/dashboard/view/round-rows';
import { siteRows } from '@fedoxnet/coordinator/dashboard/view/site-rows';
import {
  noticeTexts,
  phaseSteps,
  roundOfRounds,
  studyFigures,
} from '@fedoxnet/coordinator/dashboard/view/study-summary';
import { metrics, round, siteRound, study } from './small-study.js';

describe('dashboard table of sites', () => {
  it('shows a training site’s supervision, steps, loss and speed', () => {
    const alpha = siteRound('alpha', {
      step: 4,
      losses: { total: 1.5, focal: 9 },
      filmsPerSecond: 7.26,
      pseudo: { kept: 1000, dropped: 250 },
    });
    const [row] = siteRows(study([round(1, { sites: [alpha] })]));
    expect(row).to.deep.equal({
      site: 'alpha',
      connection: { text: 'Connected', tone: 'good' },
      supervision: ['Boxes 1,000', 'Image labels 200'],
      films: ['1,200 training', '30 held out'],
      backend: 'native CPU',
      phase: { text: 'Training', tone: 'busy' },
      reason: null,
      steps: { done: 4, of: 10 },
      loss: '1.50',
      pseudo: '80 % of 1,250',
      filmsPerSecond: '7.3',
      sent: '1.50 kB',
      received: '2.50 MB',
    });
  });

  it('sums the terms where a site reports no total', () => {
    const alpha = siteRound('alpha', { losses: { focal: 0.5, image: 0.25 } });
    expect(siteRows(study([round(1, { sites: [alpha] })]))[0]?.loss).to.equal('0.750');
  });

  it('shows dashes, not zeros, for a site that never described itself', () => {
    const [, row] = siteRows(study([]));
    expect(row).to.include({ backend: '–', steps: null, loss: '–', pseudo: '–', filmsPerSecond: '–' });
    expect(row?.connection).to.deep.equal({ text: 'Offline', tone: 'bad' });
    expect(row?.phase).to.deep.equal({ text: 'Waiting', tone: 'waiting' });
  });

  it('does not call a site fast that has stopped training', () => {
    const done = siteRound('alpha', { state: 'uploaded', filmsPerSecond: 7 });
    expect(siteRows(study([round(1, { sites: [done] })]))[0]?.filmsPerSecond).to.equal('–');
  });
});

describe('dashboard table of rounds', () => {
  it('counts how far the sites came, and names who was late or brought an earlier update', () => {
    const at = '2025-03-01T00:00:00.000Z';
    const sites = [
      siteRound('alpha', {
        state: 'counted',
        stages: { invited: at, accepted: at, trained: at, uploaded: at, counted: at },
        carriedFrom: 1,
      }),
      siteRound('beta', { state: 'late', stages: { invited: at, accepted: at }, reason: 'Late.' }),
    ];
    const [row] = roundRows(study([round(2, { state: 'published', sites })]));
    expect(row?.participation).to.equal('2 → 2 → 1 → 1 → 1');
    expect(row?.leftOut).to.deep.equal(['beta (late): Late.', 'alpha (with its update of round 1)']);
  });

  it('says who was counted, who was not and why, latest round first', () => {
    const sites = [
      siteRound('alpha', { state: 'counted' }),
      siteRound('beta', { state: 'failed', reason: 'A loss is not finite.' }),
    ];
    const rows = roundRows(
      study([
        round(1, {
          state: 'published',
          sites,
          seconds: { train: 60.5, evaluate: 4 },
          metrics: metrics(0.25, 0.75),
          release: { number: 1, digest: 'fe'.repeat(32), bytes: 4_310_000 },
        }),
        round(2, { attempt: 2, sites: [siteRound('alpha'), siteRound('beta')] }),
      ]),
    );
    expect(rows.map(({ key, round, counted }) => [key, round, counted])).to.deep.equal([
      ['2.2', '2 (attempt 2)', '–'],
      ['1.1', '1', '1 of 2'],
    ]);
    expect(rows[1]).to.deep.include({
      leftOut: ['beta (failed): A loss is not finite.'],
      seconds: ['1 min 01 s', '–', '4.0 s'],
      total: '1 min 05 s', // 64.5 s, rounded up
      ap40: '0.500',
      release: '1',
      digest: 'fefefefefefe',
      releaseBytes: '4.31 MB',
    });
  });
});

describe('dashboard head', () => {
  const figure = (history: Parameters<typeof study>[0], name: string) =>
    studyFigures(study(history)).find((entry) => entry.name === name);

  it('says how the score changed since the last scored round', () => {
    const history = [
      round(1, { metrics: metrics(0.5, 0.5) }),
      round(2, { metrics: metrics(0.25, 0.5) }),
      round(3),
    ];
    expect(figure(history, 'AP40, mean of classes')).to.deep.include({
      value: '0.375',
      note: 'after round 2, −0.125 since round 1',
    });
  });

  it('adds films, speed and bytes over the sites', () => {
    const sites = [siteRound('alpha', { filmsPerSecond: 2.5 }), siteRound('beta', { filmsPerSecond: 4 })];
    const history = [round(1, { sites })];
    expect(figure(history, 'Training films')?.value).to.equal('1,200');
    expect(figure(history, 'Training speed')?.value).to.equal('6.5 films/s');
    expect(figure(history, 'Sites connected')).to.include({
      value: '1 of 2',
      note: '1 yet to approve the plan',
    });
    expect(figure(history, 'Sealed traffic')?.note).to.equal('1.50 kB from sites, 2.50 MB to them');
  });

  it('knows a study before its first round', () => {
    expect(roundOfRounds(study([]))).to.equal('No round yet, 3 planned');
    expect(roundOfRounds(study([round(2)]))).to.equal('Round 2 of 3');
  });

  it('marks the phases done, now and ahead', () => {
    const places = (state: Parameters<typeof round>[1]) =>
      phaseSteps(study([round(1, state)])).map(({ place }) => place);
    expect(places({ state: 'aggregating' })).to.deep.equal(['done', 'now', 'ahead', 'ahead']);
    expect(places({ state: 'inviting' })).to.deep.equal(['now', 'ahead', 'ahead', 'ahead']);
    expect(places({ state: 'published' })).to.deep.equal(Array(4).fill('done'));
    expect(places({ state: 'failed' })).to.deep.equal(Array(4).fill('ahead'));
  });
});

describe('dashboard notices', () => {
  it('say which large site a round ended without, three at most', () => {
    const notices = [4, 3, 2, 1].map((number) => ({
      round: number,
      site: 'beta',
      filmShare: 0.254,
      reason: 'The connection to the site was lost.',
    }));
    expect(noticeTexts(study([], { notices }))).to.have.length(3);
    expect(noticeTexts(study([], { notices }))[0]).to.equal(
      'Round 4 ended without beta, which holds 25 % of the films. The connection to the site was lost.',
    );
  });
});
