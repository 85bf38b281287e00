import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { controlName, isControl } from '@fedoxnet/shared/weights/control-variates';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { PROTOTYPES } from '@fedoxnet/site-agent/model/oxnet';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';
import { trainOnPhantoms } from './support/train-on-phantoms.js';

describe('a federation by strategies', () => {
  let federation: Federation;
  before(async () => (federation = await Federation.start()));
  afterEach(() => federation.stopAgents());
  after(() => federation.close());

  it('goes the way of its honest sites past one that turns the sign and one that sends no numbers', async () => {
    const deltas = { a: 1, b: 1.125, c: 0.875, d: 1.0625, liar: -50, mad: 'NaN' } as const;
    const sites = Object.keys(deltas);
    const plan = smallPlan({
      study: 'hostile',
      rounds: 1,
      sites,
      quorum: 5,
      aggregation: {
        strategy: 'weighted-mean',
        prototypeDecay: 0,
        robust: { rule: 'multi-krum', hostile: 1, keep: 2 },
      },
    });
    const stem = { shape: [3], values: new Float32Array([1, 2, 3]) };
    await federation.createStudy(plan, modelFile(new Map([['stem.weight', stem]])));
    for (const site of sites) await federation.enrol(site, plan);
    const agents = Object.entries(deltas).map(([site, delta]) =>
      federation.startAgent(site, { delta, masses: { ...massesOf(1), films: delta === -50 ? 12 : 1 } }),
    );
    await federation.untilAllReady('hostile');
    await federation.startStudy(plan);
    await Promise.all(agents.map((agent) => agent.next('ended')));

    // n = 5, f = 1: two neighbours each. In eighths the honest lie at 8, 9, 7 and 8.5, so squared distances to the two
    // nearest add up to ¼ + 1, ¼ + 1, 1 + 2¼ and ¼ + ¼: d and then a, the first of two equals, are averaged.
    const next = (await federation.release('hostile', 1)).weights.get('stem.weight');
    expect([...(next?.values ?? [])]).to.deep.equal([2.03125, 3.03125, 4.03125]);
    const round = (await federation.status('hostile')).history[0];
    const mad = round?.sites.find(({ site }) => site === 'mad');
    expect(mad?.state).to.equal('failed');
    expect(mad?.reason).to.contain('WEIGHTS_INVALID');
  });

  it('trains by SCAFFOLD: control variates go out with a release, come back with updates, and end with the study', async () => {
    const sites = ['boxes', 'labels'] as const;
    const base = smallPlan();
    const plan = smallPlan({
      study: 'scaffold',
      rounds: 2,
      roundDeadlineSeconds: 600,
      sites: [...sites],
      model: { ...base.model, size: 64, levels: [3, 6] },
      training: {
        ...base.training,
        optimizer: { ...base.training.optimizer, kind: 'sgd', learningRate: 0.01 },
        drift: { method: 'scaffold' },
      },
    });
    const { initial, ended } = await trainOnPhantoms(federation, plan, { films: 5, valFraction: 0.2 });
    for (const { status, log } of ended) expect(status, log).to.equal(0);

    const [first, last] = [await federation.release('scaffold', 1), await federation.release('scaffold', 2)];
    const trained = [...initial.keys()].filter((name) => name !== PROTOTYPES);
    expect([...first.weights.keys()]).to.deep.equal([...initial.keys(), ...trained.map(controlName)]);
    expect([...last.weights.keys()], 'nobody trains from the last one').to.deep.equal([...initial.keys()]);

    // c begins at 0 and all sites took part: it is the mean of what they kept, by films.
    const { history } = await federation.status('scaffold');
    const films = sites.map((site) => history[0]?.sites.find((one) => one.site === site)?.masses?.films ?? 0);
    const own = await Promise.all(
      sites.map(async (site) => {
        const path = join(federation.home(site), 'work', 'scaffold', 'own-1.safetensors');
        return decodeSafetensors(await readFile(path)).weights;
      }),
    );
    const [one, two] = films as [number, number];
    let largest = 0;
    for (const [name, { values }] of first.weights) {
      if (!isControl(name)) continue;
      const tensor = name.slice(0, -'#control'.length);
      values.forEach((value, at) => {
        const [a, b] = own.map((weights) => weights.get(tensor)?.values[at] ?? 0) as [number, number];
        largest = Math.max(largest, Math.abs(value));
        const mean = (one * a + two * b) / (one + two);
        if (Math.abs(value - mean) > 1e-6) expect(value, `${name}[${at}]`).to.be.closeTo(mean, 1e-6);
      });
    }
    expect(largest).to.be.greaterThan(1e-4);
  });
});
