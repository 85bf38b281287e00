import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import type { FilmSet } from '@fedoxnet/site-agent/data/training-film';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { trainLocalRound, type LocalRoundHooks } from '@fedoxnet/site-agent/training/local-round';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { shaken, smallFilms, smallPlan } from './small-study.js';

const plan = smallPlan();
const global = freshModel(plan.model, 2).weights;

/** One round in fresh networks, as a process that was just started would run it. */
async function round(
  films: FilmSet,
  hooks: LocalRoundHooks = {},
  of = plan,
  number = 1,
  from: WeightMap = global,
) {
  const student = new Oxnet(of.model, 2, from);
  const teacher = new Oxnet(of.model, 2, from);
  const globalTeacher = new Oxnet(of.model, 2, from);
  const anchors = anchorGrid(of.model).boxes;
  try {
    return await trainLocalRound(
      { plan: of, round: number, films, anchors, global: from, student, teacher, globalTeacher },
      hooks,
    );
  } finally {
    student.dispose();
    teacher.dispose();
    globalTeacher.dispose();
  }
}
const moved = (update: ReadonlyMap<string, { values: Float32Array }>, prefix: string) =>
  [...update].some(([name, { values }]) => name.startsWith(prefix) && values.some((v) => v !== 0));

describe('local round', () => {
  before(() => selectBackend('auto', { threads: 1 }));

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

  it('does so with two teachers as well, and counts their boxes over the whole round', async () => {
    const films = smallFilms({ image: 4, none: 4 });
    const of = smallPlan();
    of.training.teacher = { decay: 0.5, keepScore: 0.009, unknown: 'global', agreement: { iou: 0.5 } };
    const whole = await round(films, {}, of);
    expect(whole.pseudo.kept).to.be.above(0);
    let kept: Uint8Array | null = null;
    const save = (bytes: Uint8Array) => Promise.resolve(void (kept ??= bytes));
    await round(films, { checkpoint: { key: 'k', every: 2, resume: null, save } }, of);
    const seen: unknown[] = [];
    const resumed = await round(
      films,
      {
        onStep: (_step, _report, _films, pseudo) => seen.push(pseudo),
        checkpoint: { key: 'k', every: 2, resume: kept, save: () => Promise.resolve() },
      },
      of,
    );
    expect(resumed).to.deep.include({ update: whole.update, masses: whole.masses, pseudo: whole.pseudo });
    expect(seen.at(-1)).to.deep.equal(whole.pseudo);
  });

  it('says so when a plan asks the global model and no network holds it', async () => {
    const of = smallPlan();
    of.training.teacher = { ...of.training.teacher, unknown: 'global' };
    const [student, teacher] = [new Oxnet(of.model, 2, global), new Oxnet(of.model, 2, global)];
    const anchors = anchorGrid(of.model).boxes;
    const job = { plan: of, round: 1, films: smallFilms({ box: 2 }), anchors, global, student, teacher };
    const failed = await trainLocalRound(job).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(RangeError);
    [student, teacher].forEach((network) => network.dispose());
  });

  it('trains in a stage on the films it asks for, and changes what they speak of', async () => {
    const of = smallPlan();
    of.training.teacher.keepScore = 0.009;
    of.training.stages = [
      { fromRound: 1, films: ['box'] },
      { fromRound: 2, films: ['box', 'image', 'none'], modules: 'supported' },
    ];
    const all = smallFilms({ box: 4, image: 4, none: 4 });
    const first = await round(all, {}, of, 1);
    expect(first.masses).to.deep.include({ films: 16, classRows: [16, 16] }); // four steps of four boxed films
    expect((await round(smallFilms({ image: 4, none: 4 }), {}, of, 1)).steps).to.equal(0);

    const learnt = shaken(global);
    const changed = async (films: FilmSet) => {
      const { update, masses } = await round(films, {}, of, 2, learnt);
      const modules = ['backbone.', 'fpn.', 'classSubnet.', 'globalHead.', 'prototypes', 'boxSubnet.'];
      return { modules: modules.filter((module) => moved(update, module)), positives: masses.positives };
    };
    expect(await changed(smallFilms({ none: 6 }))).to.deep.equal({
      modules: ['backbone.', 'fpn.'],
      positives: 0,
    });
    expect(await changed(smallFilms({ image: 4, none: 4 }))).to.deep.equal({
      modules: ['backbone.', 'fpn.', 'classSubnet.', 'globalHead.', 'prototypes'],
      positives: 0,
    });
    const boxed = await changed(all);
    expect(boxed.modules).to.have.lengthOf(6);
    expect(boxed.positives).to.be.above(0);
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
