import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { StudyPlan, TrainingPlan } from '@fedoxnet/shared/study/plan';
import { isControl } from '@fedoxnet/shared/weights/control-variates';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet, PROTOTYPES } from '@fedoxnet/site-agent/model/oxnet';
import { trainOwnRound, type OwnRoundResult } from '@fedoxnet/site-agent/training/own-round';
import type { LocalRoundHooks } from '@fedoxnet/site-agent/training/local-round';
import { smallFilms, smallPlan } from './small-study.js';

const films = smallFilms({ box: 4, image: 2 });

function planWith(
  training: Partial<TrainingPlan>,
  aggregation: Partial<StudyPlan['aggregation']> = {},
): StudyPlan {
  const plan = smallPlan();
  return {
    ...plan,
    training: { ...plan.training, ...training },
    aggregation: { ...plan.aggregation, ...aggregation },
  };
}

const release = freshModel(smallPlan().model, 2).weights;

async function round(
  plan: StudyPlan,
  own: WeightMap | null = null,
  from: WeightMap = release,
  hooks: LocalRoundHooks = {},
): Promise<OwnRoundResult> {
  const student = new Oxnet(plan.model, 2);
  const teacher = new Oxnet(plan.model, 2);
  const anchors = anchorGrid(plan.model).boxes;
  try {
    return await trainOwnRound(
      { plan, round: 1, films, anchors, release: from, own, student, teacher },
      hooks,
    );
  } finally {
    student.dispose();
    teacher.dispose();
  }
}

const SGD = { ...smallPlan().training.optimizer, kind: 'sgd', learningRate: 0.01, momentum: 0 } as const;
const norm = (update: WeightMap): number => {
  let squares = 0;
  for (const [name, { values }] of update)
    if (name !== PROTOTYPES) for (const value of values) squares += value * value;
  return Math.sqrt(squares);
};

describe('a local round with what stays at the site', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('FedProx holds the weights back, the more the larger μ, and leaks no tensor', async () => {
    const plain = await round(planWith({}));
    const before = tf.memory().numTensors;
    const weak = await round(planWith({ drift: { method: 'fedprox', mu: 1e-9 } }));
    const strong = await round(planWith({ drift: { method: 'fedprox', mu: 100 } }));
    expect(tf.memory().numTensors).to.equal(before);
    expect(norm(weak.update)).to.be.closeTo(norm(plain.update), 1e-3 * norm(plain.update));
    expect(norm(strong.update)).to.be.lessThan(norm(plain.update));
    expect(strong.own).to.equal(null);
  });

  it('FedBN sends nothing of the norms and keeps them for the next round', async () => {
    const plan = planWith({ norms: 'local' });
    const { update, own } = await round(plan);
    const isNorm = (name: string) => /\.norm\d*\.|\.(gain|offset)$/.test(name);
    for (const [name, { values }] of update)
      if (isNorm(name))
        expect(
          values.every((value) => value === 0),
          name,
        ).to.equal(true);
    expect([...own!.keys()].every(isNorm)).to.equal(true);
    const changed = [...own!].some(([name, { values }]) =>
      values.some((v, i) => v !== release.get(name)!.values[i]),
    );
    expect(changed, 'they were trained').to.equal(true);
    const again = await round(plan, own);
    expect(again.update, 'the next round begins from them').to.not.deep.equal(update);
    expect([...update.keys()]).to.deep.equal([...release.keys()]);
  });

  it('SCAFFOLD begins as FedAvg, keeps the mean gradient and sends how it changed', async () => {
    const plain = await round(planWith({ optimizer: SGD }));
    const plan = planWith({ optimizer: SGD, drift: { method: 'scaffold' } });
    const { update, own } = await round(plan);
    const weights = [...update].filter(([name]) => !isControl(name));
    expect(new Map(weights), 'both controls are 0 in the first round').to.deep.equal(plain.update);
    const controlled = [...release.keys()].filter((name) => name !== PROTOTYPES);
    expect([...update.keys()].filter(isControl)).to.deep.equal(controlled.map((name) => `${name}#control`));
    for (const [name, { values }] of own!)
      expect(update.get(`${name}#control`)!.values).to.deep.equal(values);

    // A release whose control is the site's own corrects nothing; another one does.
    const controls = [...update].filter(([name]) => isControl(name));
    const alone = await round(plan, own, new Map([...release, ...controls]));
    const moved = [...alone.update].filter(([name]) => !isControl(name));
    expect(new Map(moved)).to.deep.equal(plain.update);
    const other = await round(plan, own);
    expect(other.update.get(controlled[0]!)).to.not.deep.equal(plain.update.get(controlled[0]!));
  });

  it('SCAFFOLD goes on after a kill as if nothing had happened, bit for bit', async () => {
    const plan = planWith({ optimizer: SGD, drift: { method: 'scaffold' } });
    const { own } = await round(plan);
    const whole = await round(plan, own);
    let kept: Uint8Array | null = null;
    const save = (bytes: Uint8Array): Promise<void> => {
      kept ??= bytes;
      return Promise.resolve();
    };
    await round(plan, own, release, { checkpoint: { key: 'k', every: 2, resume: null, save } });
    const resumed = await round(plan, own, release, {
      checkpoint: { key: 'k', every: 2, resume: kept, save: () => Promise.resolve() },
    });
    expect(resumed).to.deep.include({ update: whole.update, own: whole.own });
  });

  it('says nothing of a prototype that too few films hold', async () => {
    // 3 of the 6 films show class 0, none class 1.
    const told = await round(planWith({}, { prototypeFilms: 3 }));
    expect(told.masses.prototypeFilms?.[0]).to.be.within(1, 3);
    const films = told.masses.prototypeFilms![0]!;
    const withheld = await round(planWith({}, { prototypeFilms: films + 1 }));
    expect(withheld.masses.prototypeRows).to.deep.equal([0, 0]);
    expect(withheld.masses.prototypeFilms).to.deep.equal([0, 0]);
    expect(withheld.update.get(PROTOTYPES)!.values.every((value) => value === 0)).to.equal(true);
    const silent = await round(planWith({}));
    expect(silent.masses.prototypeFilms, 'no plan asked').to.equal(undefined);
    expect(silent.masses.prototypeRows[0]).to.be.greaterThan(0);
  });
});
