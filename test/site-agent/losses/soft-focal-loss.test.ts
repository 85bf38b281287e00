import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { softFocalLoss } from '@fedoxnet/site-agent/losses/soft-focal-loss';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { expectValueAndGradient, randomNumbers, sigmoid, sum } from './numeric-gradient.js';

const tensor = (values: number[]) => tf.tensor3d(values, [values.length, 1, 1]);
const of = (logit: number, teacher: number) =>
  softFocalLoss(tensor([logit]), tensor([teacher]), tensor([1])).dataSync()[0]!;

describe('soft focal loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('is zero where student and teacher agree', () => {
    for (const p of [0.01, 0.3, 0.8]) expect(of(Math.log(p / (1 - p)), p)).to.be.closeTo(0, 1e-9);
  });

  it('equals the focal loss with α .95 and .05 where the teacher is certain', () => {
    expect(of(0, 1)).to.be.closeTo(0.95 * 0.25 * Math.LN2, 1e-7);
    expect(of(0, 0)).to.be.closeTo(0.05 * 0.25 * Math.LN2, 1e-7);
  });

  it('agrees with the formula and its central differences', () => {
    const logits = randomNumbers('student', 12, -4, 4);
    const teacher = randomNumbers('teacher', 12, 0, 1);
    const weights = randomNumbers('soft weights', 12, 0, 2);
    expectValueAndGradient(
      (x) =>
        softFocalLoss(x as tf.Tensor3D, tf.tensor3d(teacher, [2, 3, 2]), tf.tensor3d(weights, [2, 3, 2])),
      [2, 3, 2],
      logits,
      (xs) =>
        sum(
          xs.map((x, i) => {
            const [p, y] = [sigmoid(x), teacher[i]!];
            const crossEntropy = -y * Math.log(p) - (1 - y) * Math.log(1 - p);
            return weights[i]! * (0.05 + 0.9 * y) * (y - p) ** 2 * crossEntropy;
          }),
        ),
    );
  });

  it('of one film does not depend on the teacher of another', () => {
    const gradientOfFirst = (other: number) =>
      tf
        .grad((x) => softFocalLoss(x as tf.Tensor3D, tensor([0.7, other]), tensor([1, 1])))(
          tensor([0.2, 0.2]),
        )
        .dataSync()[0];
    expect(gradientOfFirst(0.05)).to.equal(gradientOfFirst(0.95));
  });

  it('is zero where the boxes of the class are known', () => {
    expect(softFocalLoss(tensor([3]), tensor([0.9]), tensor([0])).dataSync()[0]).to.equal(0);
  });
});
