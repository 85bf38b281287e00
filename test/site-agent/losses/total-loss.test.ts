import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { boxTargets, teacherTargets } from '@fedoxnet/site-agent/losses/detection-targets';
import { imageTargets } from '@fedoxnet/site-agent/losses/image-targets';
import { Prototypes } from '@fedoxnet/site-agent/losses/prototypes';
import { totalLoss, type LossTerm, type StepTargets } from '@fedoxnet/site-agent/losses/total-loss';
import type { OxnetOutputs } from '@fedoxnet/site-agent/model/outputs';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import './numeric-gradient.js';

const WEIGHTS = {
  ...{ focal: 1, regression: 1, image: 1, intra: 1, inter: 1, soft: 1, softRegression: 1 },
  ...{ teacherFromRound: 1, rampFraction: 0.25 },
};
const ANCHORS = Float32Array.of(0, 0, 10, 10, 30, 30, 40, 40);
const film = {
  boxes: Float32Array.of(1, 0, 11, 10),
  boxClasses: Int32Array.of(0),
  boxKnown: Uint8Array.of(1, 0),
  labelKnown: Uint8Array.of(1, 0),
  label: Uint8Array.of(1, 0),
};

function outputs(): OxnetOutputs {
  return {
    classLogits: tf.zeros([1, 2, 2]),
    boxDeltas: tf.zeros([1, 2, 4]),
    features: tf.ones([1, 1, 1, 3]),
    activation: tf.zeros([1, 1, 1, 2]),
    attention: tf.ones([1, 1, 1, 2]),
    imageLogits: tf.zeros([1, 2]),
  };
}
function allTargets(): StepTargets {
  const kept = {
    boxes: Float32Array.of(31, 30, 41, 40),
    classes: Int32Array.of(1),
    scores: Float32Array.of(0.9),
  };
  return {
    boxes: boxTargets(ANCHORS, [film]),
    teacher: teacherTargets(ANCHORS, [film], [{ scores: Float32Array.of(0, 0, 0, 0.9), kept }], {
      keepScore: 0.5,
    }),
    image: imageTargets([film]),
    prototypes: new Prototypes(2, 3, Float32Array.of(0, 0, 0, 0.5, 0.5, 0.5)),
  };
}
const run = (targets: StepTargets, weights: TrainingPlan['losses'] = WEIGHTS, ramp = 1) => {
  const { total, terms } = totalLoss(outputs(), targets, weights, ramp);
  const values = new Map([...terms].map(([term, value]) => [term, value.dataSync()[0]!]));
  return { total: total.dataSync()[0]!, values };
};

describe('total loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('is the sum of its terms, each by its weight, the teacher’s by the ramp as well', () => {
    const weights = { ...WEIGHTS, focal: 2, image: 3, soft: 5, softRegression: 7 };
    const { total, values } = run(allTargets(), weights, 0.5);
    const factors: Partial<Record<LossTerm, number>> = { focal: 2, image: 3, soft: 2.5, softRegression: 3.5 };
    let sum = 0;
    for (const [term, value] of values) sum += value * (factors[term] ?? 1);
    expect(total).to.be.closeTo(sum, 1e-5);
    expect([...values.keys()].sort()).to.deep.equal([
      ...['focal', 'image', 'inter', 'regression', 'soft', 'softRegression'],
    ]);
  });

  it('has the values of the single losses', () => {
    const { values } = run(allTargets());
    // One lesion and one background anchor of class 0 alone, undecided: (0.25 + 0.75) · 0.25 · log 2.
    expect(values.get('focal')).to.be.closeTo(0.25 * Math.LN2, 1e-6);
    // dx = 1 pixel of 10, over 0.1, is 1; mean over four coordinates.
    expect(values.get('regression')).to.be.closeTo((1 - 1 / 18) / 4, 1e-6);
    expect(values.get('softRegression')).to.be.closeTo((1 - 1 / 18) / 4, 1e-6);
    expect(values.get('image')).to.be.closeTo(Math.LN2, 1e-6);
    // F = 1 against the prototype 0.5 of the other class: 1 − 0.25.
    expect(values.get('inter')).to.be.closeTo(0.75, 1e-6);
    // y = 0.9 at anchor 1, y = 0 at anchor 0, p = 0.5, cross-entropy log 2.
    const soft = (0.05 + 0.9 * 0.9) * 0.16 + 0.05 * 0.25;
    expect(values.get('soft')).to.be.closeTo(soft * Math.LN2, 1e-6);
  });

  it('computes no term without evidence, and none without weight', () => {
    const { boxes, prototypes } = allTargets();
    const onlyBoxes = run({ boxes, teacher: null, image: null, prototypes });
    expect([...onlyBoxes.values.keys()]).to.deep.equal(['focal', 'regression']);
    const none = {
      ...WEIGHTS,
      focal: 0,
      regression: 0,
      image: 0,
      intra: 0,
      inter: 0,
      soft: 0,
      softRegression: 0,
    };
    expect(run(allTargets(), none)).to.deep.equal({ total: 0, values: new Map() });
  });

  it('repels prototypes by the penalty that the plan names', () => {
    const { values } = run(allTargets(), { ...WEIGHTS, interPenalty: 'quartic' });
    expect(values.get('inter')).to.be.closeTo(0.5 ** 4, 1e-5); // d = |1 − 0.5|
  });

  it('pools the global map by attention, or plainly when the plan says so', () => {
    const targets = { ...allTargets(), boxes: null, teacher: null };
    const seen: OxnetOutputs = {
      ...outputs(),
      activation: tf.tensor4d([4, 0, 0, 0], [1, 1, 2, 2]), // X of class 0: 4 and 0, mean 2
      imageLogits: tf.tensor2d([[4, 0]]), // attention on the first cell alone
    };
    const image = (imagePooling?: 'mean') => {
      const weights = { ...WEIGHTS, ...(imagePooling && { imagePooling }) };
      return totalLoss(seen, targets, weights, 1).terms.get('image')!.dataSync()[0];
    };
    // The film holds class 0: −log σ(s); class 1 is unknown.
    expect(image()).to.be.closeTo(Math.log1p(Math.exp(-4)), 1e-6);
    expect(image('mean')).to.be.closeTo(Math.log1p(Math.exp(-2)), 1e-6);
  });

  it('gives a film the same gradient whatever the other film shows', () => {
    const gradientOfFirst = (other: { boxes: number[]; scores: number[]; logit: number }): number[] => {
      const second = { ...film, boxes: Float32Array.from(other.boxes) };
      const silent = { boxes: new Float32Array(0), classes: new Int32Array(0), scores: new Float32Array(0) };
      const views = [[0, 0.4, 0, 0.9], other.scores].map((scores) => ({
        scores: Float32Array.from(scores),
        kept: { ...silent, boxes: Float32Array.of(31, 30, 41, 40), classes: Int32Array.of(1) },
      }));
      const films = [film, second];
      const targets: StepTargets = {
        boxes: boxTargets(ANCHORS, films),
        teacher: teacherTargets(ANCHORS, films, views, { keepScore: 0.5 }),
        image: imageTargets(films),
        prototypes: new Prototypes(2, 3, Float32Array.of(0.1, 0.2, 0.3, 0.5, 0.5, 0.5)),
      };
      const logits = tf.tensor3d([-1, 0.5, 2, -2, ...[1, 1, 1, 1].map((v) => v * other.logit)], [2, 2, 2]);
      const gradient = tf.grad((x) => {
        const seen = x as tf.Tensor3D;
        const perClass = tf.max(seen, 1) as tf.Tensor2D; // all that depends on the class scores, in one
        const attention = tf.reshape(tf.sigmoid(perClass), [2, 1, 1, 2]) as tf.Tensor4D;
        const made: OxnetOutputs = {
          classLogits: seen,
          boxDeltas: tf.zeros([2, 2, 4]),
          features: tf.ones([2, 1, 1, 3]),
          activation: tf.zeros([2, 1, 1, 2]),
          attention,
          imageLogits: perClass,
        };
        return totalLoss(made, targets, WEIGHTS, 1).total;
      })(logits);
      return [...gradient.dataSync()].slice(0, 4);
    };
    const quiet = gradientOfFirst({ boxes: [1, 0, 11, 10], scores: [0, 0.1, 0, 0.1], logit: 0 });
    const loud = gradientOfFirst({ boxes: [0, 2, 10, 12], scores: [0, 0.9, 0, 0.8], logit: 3 });
    expect(quiet.every((value) => value !== 0)).to.equal(true);
    expect(loud).to.deep.equal(quiet);
  });
});
