import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { phantomStart } from '@fedoxnet/site-agent/training/phantom-start';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';

describe('phantomStart', () => {
  before(async function () {
    this.timeout(60_000);
    await selectBackend('auto');
  });

  const plan = tinyPlan({
    study: 'start',
    classes: ['Rib Fracture', 'Cardiomegaly'],
    sites: ['site-a'],
    rounds: 2,
    localSteps: 2,
    size: 64,
    seed: 3,
  });

  it('moves the shared tensors and the rows of classes that phantoms show, and no others', async () => {
    const drawn: number[] = [];
    const steps: number[] = [];
    const fresh = await initialModel(plan);
    const start = await phantomStart(plan, {
      films: 6,
      steps: 4,
      rounds: 2,
      onDrawn: (done) => drawn.push(done),
      onStep: (done) => steps.push(done),
    });
    expect(drawn).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(steps).to.deep.equal([1, 2, 3, 4]);
    expect([...start.weights.keys()]).to.deep.equal([...fresh.weights.keys()]);

    const bias = (model: typeof start) => [...model.weights.get('classSubnet.output.bias')!.values];
    const moved = bias(start).map((value, i) => value !== bias(fresh)[i]);
    expect(moved).to.deep.equal(moved.map((_, i) => i % 2 === 1)); // Cardiomegaly is class 1 of 2
    const stem = 'backbone.stem.conv.kernel';
    expect([...start.weights.get(stem)!.values]).not.to.deep.equal([...fresh.weights.get(stem)!.values]);
    expect([...start.weights.get('prototypes')!.values].every((value) => value === 0)).to.equal(true);
    expect(start.metadata).to.deep.equal({ ...fresh.metadata, start: '4 steps on 6 phantoms' });
  });

  it('practises on boxes whatever the plan says of stages and teachers', async () => {
    const { training } = plan;
    const stages = [{ fromRound: 1, films: ['image' as const] }];
    const teacher = { ...training.teacher, unknown: 'global' as const, agreement: { iou: 0.5 } };
    const options = { films: 4, steps: 2, rounds: 1 };
    const staged = await phantomStart({ ...plan, training: { ...training, stages, teacher } }, options);
    const plain = await phantomStart(plan, options);
    expect([...staged.weights]).to.deep.equal([...plain.weights]);
  });
});
