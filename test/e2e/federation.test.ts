import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Federation } from './support/federation.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

const masses = (films: number) => ({
  films,
  positives: films,
  classRows: [films, films],
  globalRows: [films, films],
  prototypeRows: [0, 0],
});

describe('a federation of two sites', function () {
  this.timeout(60_000);
  let federation: Federation;
  beforeEach(async () => (federation = await Federation.start()));
  afterEach(() => federation.close());

  it('runs two rounds to the result worked out by hand', async () => {
    const plan = smallPlan();
    const stem = { shape: [3], values: new Float32Array([1, -2, 0.5]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    await federation.enrol('north', plan);
    await federation.enrol('south', plan);
    const north = federation.startAgent('north', { delta: 1, masses: masses(3) });
    const south = federation.startAgent('south', { delta: 5, masses: masses(1) });
    await federation.until('small', (status) =>
      status.sites.every((site) => site.approved && site.connected),
    );
    await federation.startStudy(plan);
    await Promise.all([north.next('ended'), south.next('ended')]);

    // Each round adds (3 · 1 + 1 · 5) / (3 + 1) = 2 to every weight.
    const first = await federation.release('small', 1);
    const second = await federation.release('small', 2);
    expect([...(first.weights.get('stem.weight')?.values ?? [])]).to.deep.equal([3, 0, 2.5]);
    expect([...(second.weights.get('stem.weight')?.values ?? [])]).to.deep.equal([5, 2, 4.5]);

    const status = await federation.status('small');
    expect(status.state).to.equal('finished');
    expect(status.history.map(({ sites }) => sites.map((site) => [site.site, site.state]))).to.deep.equal(
      Array(2).fill([
        ['north', 'counted'],
        ['south', 'counted'],
      ]),
    );
    // Two of four true boxes found at 0.9 before two false alarms at 0.25: precision 1 up to recall 0.5, so 51 of
    // the 101 points of the curve.
    expect(status.history[1]?.metrics?.mean.ap40).to.be.closeTo(51 / 101, 1e-12);
    expect(status.sites.map((site) => site.description?.backend)).to.deep.equal(['scripted', 'scripted']);

    for (const agent of [north, south]) {
      expect(agent.of('uploaded').map(({ round }) => round)).to.deep.equal([1, 2]);
      expect(agent.of('evaluated').map(({ round, films }) => [round, films])).to.deep.equal([
        [1, 1],
        [2, 1],
      ]);
      expect(agent.of('failed')).to.deep.equal([]);
    }
    expect(await readFile(federation.diary('north'), 'utf8')).to.equal(
      ['prepare small', 'train 1 1', 'evaluate 1', 'train 2 1', 'evaluate 2', ''].join('\n'),
    );
  });
});
