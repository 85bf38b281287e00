import type { FilmSet } from '@fedoxnet/site-agent/data/training-film';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { trainLocalRound, type LocalRoundHooks } from '@fedoxnet/site-agent/training/local-round';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-node-gpu';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { smallFilms, smallPlan } from './small-study.js';

const plan = smallPlan();
const global = freshModel(plan.model, 2).weights;

/** One round in fresh networks, as a process that was just started would run it. */
async function round(films: FilmSet, hooks: LocalRoundHooks = {}, of = plan, number = 1) {
  const student = new Oxnet(of.model, 2, global);
  const teacher = new Oxnet(of.model, 2, global);
  const anchors = anchorGrid(of.model).boxes;
  try {
    return await trainLocalRound(
      { plan: of, round: number, films, anchors, global, student, teacher },
      hooks,
    );
  } finally {
    student.dispose();
    teacher.dispose();
  }
}
const moved = (update: ReadonlyMap<string, { values: Float32Array }>, prefix: string) =>
  [...update].some(([name, { values }]) => name.startsWith(prefix) && values.some((v) => v !== 0));

describe('local round', () => {
  it('gives the same update for the same plan, films, round and model', async () => {
    const films = smallFilms({ box: 6, image: 4, none: 4 });
    const [first, second, other] = [await round(films), await round(films), await round(films, {}, plan, 2)];
    expect(second).to.deep.include({ update: first.update, masses: first.masses, losses: first.losses });
    expect(other.update).to.not.deep.equal(first.update);
  });

  it('goes on after a kill as if nothing had happened, bit for bit', async () => {
    const films = smallFilms({ box: 6, image: 4, none: 4 });
    const of = smallPlan();
    of.training.teacher.keepScore = 0.009; // so that the teacher speaks from the first step
    const whole = await round(films, {}, of);
    let kept: Uint8Array | null = null;
    const saved = (bytes: Uint8Array) => {
      kept ??= bytes;
      return Promise.resolve();
    };
    await round(films, { checkpoint: { key: 'k', every: 2, resume: null, save: saved } }, of);
    const steps: number[] = [];
    const resumed = await round(
      films,
      {
        onStep: (step) => steps.push(step),
        checkpoint: { key: 'k', every: 2, resume: kept, save: () => Promise.resolve() },
      },
      of,
    );
    expect(steps).to.deep.equal([3, 4]);
    expect(resumed).to.deep.include({ update: whole.update, masses: whole.masses, losses: whole.losses });
  });

  it('starts anew from a broken checkpoint', async () => {
    const steps: number[] = [];
    await round(smallFilms({ box: 4 }), {
      onStep: (step) => steps.push(step),
      checkpoint: { key: 'k', every: 4, resume: Uint8Array.of(1, 2, 3), save: () => Promise.resolve() },
    });
    expect(steps[0]).to.equal(1);
  });

  it('ignores the checkpoint of another round', async () => {
    const films = smallFilms({ box: 4 });
    let kept: Uint8Array | null = null;
    const save = (bytes: Uint8Array) => {
      kept = bytes;
      return Promise.resolve();
    };
    await round(films, { checkpoint: { key: 'one', every: 2, resume: null, save } });
    const steps: number[] = [];
    await round(films, {
      onStep: (step) => steps.push(step),
      checkpoint: { key: 'two', every: 2, resume: kept, save },
    });
    expect(steps).to.deep.equal([1, 2, 3, 4]);
  });

  it('lists every tensor of the global model, in its order', async () => {
    const { update } = await round(smallFilms({ box: 4 }));
    expect([...update.keys()]).to.deep.equal([...global.keys()]);
    for (const [name, { shape }] of update) expect(shape).to.deep.equal(global.get(name)!.shape);
  });

  it('counts the evidence behind an update', async () => {
    // Four steps of three boxed films and one labelled one: nothing unlabelled, its share goes to the others.
    const { masses, losses, steps } = await round(smallFilms({ box: 6, image: 4 }));
    expect(steps).to.equal(4);
    expect(masses.films).to.equal(16);
    const [boxed, labelled] = [masses.classRows[0]! - 0.2 * (16 - 12), 16 - 12];
    expect(boxed).to.be.closeTo(12, 1e-9);
    expect(masses.globalRows).to.deep.equal([boxed + labelled, boxed + labelled].map(Math.round));
    expect(masses.positives).to.be.above(0);
    expect(masses.prototypeRows[0]).to.be.above(0);
    expect(masses.prototypeRows[1]).to.equal(0); // no film holds class 1
    expect(Object.keys(losses)).to.include.members(['focal', 'regression', 'image', 'intra']);
  });

  it('moves neither box subnet nor box mass without a box', async () => {
    const { update, masses } = await round(smallFilms({ image: 6 }));
    expect(moved(update, 'boxSubnet.')).to.equal(false);
    expect(masses.positives).to.equal(0);
    expect(moved(update, 'globalHead.')).to.equal(true);
  });

  it('sends prototypes only of classes it has seen', async () => {
    const { update } = await round(smallFilms({ image: 6 }));
    const { values, shape } = update.get('prototypes')!;
    const row = (c: number) => values.subarray(c * shape[1]!, (c + 1) * shape[1]!);
    expect(row(0).some((v) => v !== 0)).to.equal(true);
    expect(row(1).some((v) => v !== 0)).to.equal(false);
  });

  it('does no step for a site that cannot learn anything yet', async () => {
    const late = smallPlan();
    late.training.losses.teacherFromRound = 2;
    const before = tf.memory().numTensors;
    const { update, masses, steps } = await round(smallFilms({ none: 6 }), {}, late);
    expect(steps).to.equal(0);
    expect(moved(update, '')).to.equal(false);
    expect(masses).to.deep.equal({
      ...{ films: 0, positives: 0, classRows: [0, 0], globalRows: [0, 0], prototypeRows: [0, 0] },
    });
    expect(tf.memory().numTensors).to.equal(before);
  });

  it('learns from unlabelled films what the teacher tells it', async () => {
    const of = smallPlan();
    of.training.teacher.keepScore = 0.009;
    const { update, masses, losses } = await round(smallFilms({ none: 6 }), {}, of);
    expect(Object.keys(losses).sort()).to.deep.equal(['soft', 'softRegression']);
    expect(masses.positives).to.be.above(0);
    expect(masses.classRows).to.deep.equal([0, 0]);
    expect(moved(update, 'boxSubnet.')).to.equal(true);
    expect(moved(update, 'prototypes')).to.equal(false);
  });
});
