import { expect } from 'chai';
import { Federation } from './support/federation.js';
import { smallPlan } from './support/small-plan.js';
import { trainOnPhantoms } from './support/train-on-phantoms.js';

describe('a round with the real trainer', () => {
  let federation: Federation;
  before(async () => (federation = await Federation.start()));
  after(() => federation.close());

  it('moves the weights of the released model and brings back what the held-out films say', async () => {
    const plan = smallPlan({ study: 'tiny', rounds: 1, sites: ['boxes', 'labels'] });
    const { initial, ended } = await trainOnPhantoms(federation, plan, { films: 6, valFraction: 1 / 3 });

    for (const { status, events, log } of ended) {
      expect(status, log).to.equal(0);
      const names = events.map(({ event }) => event).filter((name) => name !== 'progress');
      expect(names, log).to.include.members([
        'connected',
        'prepared',
        'round',
        'trained',
        'uploaded',
        'evaluated',
        'ended',
      ]);
    }
    const after = (await federation.release('tiny', 1)).weights;
    expect([...after.keys()]).to.deep.equal([...initial.keys()]);
    const moved = [...after].filter(([name, { values }]) => {
      const old = initial.get(name)?.values ?? new Float32Array();
      return values.some((value, index) => value !== old[index]);
    });
    expect(moved.length, 'tensors that moved').to.be.greaterThan(after.size / 2);
    for (const { values } of after.values()) expect(values.every(Number.isFinite)).to.equal(true);

    const { state, history } = await federation.status('tiny');
    expect(state).to.equal('finished');
    expect(history[0]?.sites.map((site) => site.state)).to.deep.equal(['counted', 'counted']);
    expect(history[0]?.sites.every((site) => (site.masses?.films ?? 0) > 0)).to.equal(true);
    // Two films held out at each site, read for both classes.
    expect(history[0]?.metrics?.perClass.map((entry) => [entry.class, entry.films])).to.deep.equal([
      ['Mass', 4],
      ['Effusion', 4],
    ]);
  });
});
