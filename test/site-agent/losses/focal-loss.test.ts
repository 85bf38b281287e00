import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { focalLoss } from '@fedoxnet/site-agent/losses/focal-loss';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { expectValueAndGradient, randomNumbers, sigmoid, sum } from './numeric-gradient.js';

const of = (logit: number, target: number, weight = 1) =>
  focalLoss(tf.tensor3d([[[logit]]]), tf.tensor3d([[[target]]]), tf.tensor3d([[[weight]]])).dataSync()[0]!;

describe('focal loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('of an undecided lesion anchor is 0.25 · 0.5² · log 2', () => {
    expect(of(0, 1)).to.be.closeTo(0.0625 * Math.LN2, 1e-7);
  });

  it('of an undecided background anchor is three times as large', () => {
    expect(of(0, 0)).to.be.closeTo(0.1875 * Math.LN2, 1e-7);
  });

  it('of an anchor with p = 0.9 is 0.25 · 0.1² · −log 0.9', () => {
    expect(of(Math.log(9), 1)).to.be.closeTo(0.0025 * -Math.log(0.9), 1e-8);
  });

  it('stays finite for logits of ±1000', () => {
    expect(of(1000, 0)).to.be.closeTo(750, 1e-3);
    expect(of(-1000, 1)).to.be.closeTo(250, 1e-3);
    expect(of(1000, 1)).to.equal(0);
  });

  it('is zero where the class is not known', () => {
    expect(of(3, 0, 0)).to.equal(0);
  });

  it('agrees with the formula and its central differences', () => {
    const logits = randomNumbers('focal logits', 12, -5, 5);
    const targets = logits.map((_, i) => (i % 3 === 0 ? 1 : 0));
    const weights = randomNumbers('focal weights', 12, 0, 2);
    expectValueAndGradient(
      (x) => focalLoss(x as tf.Tensor3D, tf.tensor3d(targets, [2, 3, 2]), tf.tensor3d(weights, [2, 3, 2])),
      [2, 3, 2],
      logits,
      (xs) =>
        sum(
          xs.map((x, i) => {
            const p = sigmoid(x);
            const pt = targets[i] ? p : 1 - p;
            return weights[i]! * (targets[i] ? 0.25 : 0.75) * (1 - pt) ** 2 * -Math.log(pt);
          }),
        ),
    );
  });

  it('of one film does not depend on another', () => {
    const gradientOfFirst = (other: number) =>
      tf
        .grad((x) =>
          focalLoss(x as tf.Tensor3D, tf.tensor3d([1, 0], [2, 1, 1]), tf.tensor3d([1, 1], [2, 1, 1])),
        )(tf.tensor3d([0.3, other], [2, 1, 1]))
        .dataSync()[0];
    expect(gradientOfFirst(-4)).to.equal(gradientOfFirst(4));
  });
});
