import { learningRate } from '@fedoxnet/site-agent/training/learning-rate';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import { unsupervisedRamp } from '@fedoxnet/site-agent/training/unsupervised-ramp';
import { studyPlan } from '@fedoxnet/shared/study/plan';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const plan = tinyPlan({
  ...{
    study: 'schedule',
    classes: ['Mass'],
    sites: ['a', 'b'],
    rounds: 4,
    localSteps: 100,
    size: 128,
    seed: 1,
  },
});
plan.training.optimizer = {
  ...plan.training.optimizer,
  learningRate: 1,
  warmupSteps: 10,
  finalFraction: 0.2,
};
plan.training.losses = { ...plan.training.losses, teacherFromRound: 3, rampFraction: 0.25 };

describe('learning rate', () => {
  it('rises linearly over the study’s first steps', () => {
    expect(learningRate(plan, 1, 0)).to.be.closeTo(0.1, 1e-9);
    expect(learningRate(plan, 1, 9)).to.be.closeTo(1, 0.01);
  });

  it('falls by a half cosine over all rounds', () => {
    // Half of the way: 0.2 + 0.8 / 2.
    expect(learningRate(plan, 3, 0)).to.be.closeTo(0.6, 1e-9);
    expect(learningRate(plan, 4, 99)).to.be.closeTo(0.2, 1e-3);
  });

  it('depends on the round alone, so a site that missed rounds keeps in step', () => {
    expect(learningRate(plan, 2, 0)).to.be.closeTo(learningRate(plan, 1, 100), 1e-12);
  });
});

describe('ramp of the unsupervised terms', () => {
  it('is 0 before the teacher’s first round and 1 after it', () => {
    expect(unsupervisedRamp(plan.training, 2, 99)).to.equal(0);
    expect(unsupervisedRamp(plan.training, 4, 0)).to.equal(1);
  });

  it('is exp(−5 (1 − t)²) over a quarter of that round', () => {
    expect(unsupervisedRamp(plan.training, 3, 0)).to.be.closeTo(Math.exp(-5), 1e-9);
    expect(unsupervisedRamp(plan.training, 3, 20)).to.be.closeTo(Math.exp(-0.2), 1e-9);
    expect(unsupervisedRamp(plan.training, 3, 25)).to.equal(1);
  });

  it('is 0 in a plan that gives the teacher no weight', () => {
    const losses = { ...plan.training.losses, soft: 0, softRegression: 0 };
    expect(unsupervisedRamp({ ...plan.training, losses }, 4, 0)).to.equal(0);
  });
});

describe('the tiny preset', () => {
  it('is a valid plan', () => {
    expect(studyPlan.safeParse(plan).success).to.equal(true);
  });
});
