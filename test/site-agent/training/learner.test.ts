import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { Prototypes } from '@fedoxnet/site-agent/losses/prototypes';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import type { Batch } from '@fedoxnet/site-agent/training/batch';
import { Learner } from '@fedoxnet/site-agent/training/learner';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Module } from '@fedoxnet/shared/weights/roles';
import { noiseFilm, shaken, smallPlan } from './small-study.js';

const CLASSES = 2;

/** A student of seed 1 and a teacher of seed 2, whose weights the learner overwrites. */
function setUp(
  change: (plan: ReturnType<typeof smallPlan>) => void = () => undefined,
  { modules, second }: { modules?: Module[]; second?: boolean } = {},
) {
  const plan = smallPlan();
  change(plan);
  const student = new Oxnet(plan.model, CLASSES);
  if (modules !== undefined) student.setWeights(shaken(student.getWeights()));
  const teacher = new Oxnet({ ...plan.model, seed: 2 }, CLASSES);
  const prototypes = new Prototypes(CLASSES, 128, new Float32Array(CLASSES * 128));
  const globalTeacher = second === true ? new Oxnet(plan.model, CLASSES) : undefined;
  const learner = new Learner(plan, anchorGrid(plan.model).boxes, student, teacher, prototypes, {
    globalTeacher,
    modules: modules && new Set(modules),
  });
  const dispose = () => {
    learner[Symbol.dispose]();
    student.dispose();
    teacher.dispose();
    globalTeacher?.dispose();
  };
  return { learner, student, teacher, globalTeacher, dispose };
}

function batchOf(...films: { known: string; boxes?: number[]; label?: number[] }[]): Batch {
  const pixels = films.map((_, i) => noiseFilm(64, i));
  return {
    films: films.map(({ known, boxes = [], label = [0, 0] }) => ({
      boxes: Float32Array.from(boxes),
      boxClasses: new Int32Array(boxes.length / 4),
      boxKnown: Uint8Array.from(known, (k) => (k === 'b' ? 1 : 0)),
      labelKnown: Uint8Array.from(known, (k) => (k === '-' ? 0 : 1)),
      label: Uint8Array.from(label),
    })),
    student: pixels,
    teacher: pixels,
  };
}
const BOXED = { known: 'bb', boxes: [10, 10, 40, 40], label: [1, 0] };
const LABELLED = { known: 'ii', label: [1, 0] };
const UNKNOWN = { known: '--' };

describe('learner', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('leaks no tensor, whatever the films', () => {
    const { learner, dispose } = setUp((plan) => (plan.training.teacher.keepScore = 0.009));
    const batch = batchOf(BOXED, LABELLED, UNKNOWN);
    learner.step(batch, 1e-3, 1);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) learner.step(batch, 1e-3, 1);
    expect(tf.memory().numTensors).to.equal(before);
    dispose();
  });

  it('brings the loss of a film it sees again and again down', () => {
    const { learner, dispose } = setUp();
    const batch = batchOf(BOXED, BOXED);
    const sumOf = (terms: ReadonlyMap<string, number>) => terms.get('focal')! + terms.get('regression')!;
    const first = sumOf(learner.step(batch, 2e-3, 0).losses);
    let last = first;
    for (let i = 0; i < 15; i++) last = sumOf(learner.step(batch, 2e-3, 0).losses);
    expect(last).to.be.below(0.8 * first);
    dispose();
  });

  it('starts the teacher as the student, and never gives it a gradient', () => {
    const { learner, dispose } = setUp((plan) => {
      plan.training.teacher = { decay: 1, keepScore: 0.009 };
    });
    const start = learner.parameters.values.slice();
    const report = learner.step(batchOf(UNKNOWN), 1e-2, 1);
    expect(report.pseudoPositives).to.be.above(0);
    expect(learner.parameters.values).to.not.deep.equal(start);
    expect(learner.parameters.teacher).to.deep.equal(start); // decay 1: only a gradient could have moved it
    dispose();
  });

  it('asks the global model beside it, and never moves that', () => {
    const change = (plan: ReturnType<typeof smallPlan>) => {
      plan.training.teacher = { decay: 0.5, keepScore: 0.009, unknown: 'global', agreement: { iou: 0.5 } };
    };
    const { learner, globalTeacher, dispose } = setUp(change, { second: true });
    const weights = () => [...globalTeacher!.getWeights()].map(([name, { values }]) => [name, [...values]]);
    const start = weights();
    const batch = batchOf(UNKNOWN, LABELLED);
    const first = learner.step(batch, 1e-2, 1);
    // Both teachers are the global model as yet: they agree on every box.
    expect(first.pseudo.kept).to.be.above(0);
    expect(first.pseudo.dropped).to.equal(0);
    let dropped = 0;
    for (let i = 0; i < 6; i++) dropped += learner.step(batch, 1e-2, 1).pseudo.dropped;
    expect(dropped, 'boxes on which they no longer agree').to.be.above(0);
    expect(weights()).to.deep.equal(start);
    const before = tf.memory().numTensors;
    learner.step(batch, 1e-2, 1);
    expect(tf.memory().numTensors).to.equal(before);
    dispose();
  });

  it('never gives a module a gradient that it is not to change, and passes it on to those below', () => {
    const change = (plan: ReturnType<typeof smallPlan>) => (plan.training.teacher.keepScore = 0.009);
    const { learner, student, dispose } = setUp(change, { modules: ['backbone', 'fpn'] });
    const values = () =>
      new Map([...student.trainable].map(([name, variable]) => [name, [...variable.dataSync()]] as const));
    const before = values();
    const report = learner.step(batchOf(UNKNOWN, LABELLED), 1e-2, 1);
    expect([...report.losses.keys()]).to.include.members(['soft', 'softRegression', 'image']);
    expect(report.pseudoPositives, 'anchors that taught the box subnet').to.equal(0);
    const roles = student.roles();
    const changed = new Set<Module>();
    for (const [name, now] of values()) {
      if (now.some((value, i) => value !== before.get(name)![i])) changed.add(roles[name]!.module);
    }
    expect([...changed].sort()).to.deep.equal(['backbone', 'fpn']);
    dispose();
  });

  it('averages the student into the teacher', () => {
    const { learner, dispose } = setUp((plan) => (plan.training.teacher.decay = 0.75));
    const start = learner.parameters.values.slice();
    learner.step(batchOf(BOXED), 1e-2, 0);
    const largestError = learner.parameters.teacher.reduce((worst, value, i) => {
      const expected = 0.75 * start[i]! + 0.25 * learner.parameters.values[i]!;
      return Math.max(worst, Math.abs(value - expected));
    }, 0);
    expect(largestError).to.be.below(1e-6);
    dispose();
  });

  it('does nothing for a batch the teacher has no box on', () => {
    const { learner, dispose } = setUp();
    const start = learner.parameters.values.slice();
    const report = learner.step(batchOf(UNKNOWN, UNKNOWN), 1e-2, 1);
    expect(report.losses.size).to.equal(0);
    expect([...report.films]).to.deep.equal([0, 0]);
    expect(learner.parameters.values).to.deep.equal(start);
    expect(learner.seconds.forward).to.equal(0);
    dispose();
  });

  it('leaves the box subnet alone without boxes', () => {
    const { learner, student, dispose } = setUp();
    const boxSubnet = () =>
      [...student.trainable]
        .filter(([name]) => name.startsWith('boxSubnet.'))
        .map(([, v]) => [...v.dataSync()]);
    const before = boxSubnet();
    learner.step(batchOf(LABELLED), 1e-2, 1);
    expect(boxSubnet()).to.deep.equal(before);
    dispose();
  });

  it('names the films that gave a gradient', () => {
    const { learner, dispose } = setUp();
    const report = learner.step(batchOf(BOXED, UNKNOWN, LABELLED), 1e-3, 1);
    expect([...report.films]).to.deep.equal([1, 0, 1]);
    expect(report.truePositives).to.be.above(0);
    expect([...report.losses.keys()].sort()).to.deep.equal(['focal', 'image', 'regression', 'soft']);
    dispose();
  });

  it('stops when a weight is not finite, before it spoils the others', () => {
    const { learner, student, dispose } = setUp();
    const start = learner.parameters.values.slice();
    const [, variable] = [...student.trainable][0]!;
    tf.tidy(() => variable.assign(tf.fill(variable.shape, NaN)));
    expect(() => learner.step(batchOf(BOXED), 1e-3, 0)).to.throw('The loss term "focal" of step 1 is NaN.');
    expect(learner.parameters.values).to.deep.equal(start);
    dispose();
  });
});
