import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { boxRegressionLoss } from '@fedoxnet/site-agent/losses/box-regression-loss';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { expectValueAndGradient, randomNumbers, sum } from './numeric-gradient.js';

const of = (distance: number) =>
  boxRegressionLoss(
    tf.tensor3d([[[distance, 0, 0, 0]]]),
    tf.tensor1d([0], 'int32'),
    tf.tensor2d([[0, 0, 0, 0]]),
    tf.tensor1d([1]),
  ).dataSync()[0]!;

describe('box regression loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('is 4.5 d² up to d = 1/9 and d − 1/18 beyond', () => {
    expect(of(0.1)).to.be.closeTo(0.045, 1e-7);
    expect(of(1 / 9)).to.be.closeTo(1 / 18, 1e-7);
    expect(of(-1)).to.be.closeTo(1 - 1 / 18, 1e-6);
  });

  it('agrees with the formula and its central differences, also for a row matched twice', () => {
    const deltas = randomNumbers('deltas', 24, -0.5, 0.5);
    const targets = randomNumbers('box codes', 12, -0.5, 0.5);
    const rows = [4, 0, 4];
    const weights = [0.5, 0.25, 1];
    expectValueAndGradient(
      (x) =>
        boxRegressionLoss(
          x as tf.Tensor3D,
          tf.tensor1d(rows, 'int32'),
          tf.tensor2d(targets, [3, 4]),
          tf.tensor1d(weights),
        ),
      [2, 3, 4],
      deltas,
      (xs) =>
        sum(
          targets.map((target, i) => {
            const p = Math.floor(i / 4);
            const d = Math.abs(xs[4 * rows[p]! + (i % 4)]! - target);
            return weights[p]! * (d <= 1 / 9 ? 4.5 * d * d : d - 1 / 18);
          }),
        ),
    );
  });

  it('gives no gradient to anchors that are not matched', () => {
    const gradient = tf.grad((x) =>
      boxRegressionLoss(
        x as tf.Tensor3D,
        tf.tensor1d([1], 'int32'),
        tf.tensor2d([[0, 0, 0, 0]]),
        tf.tensor1d([1]),
      ),
    )(tf.ones([1, 2, 4]));
    expect([...gradient.dataSync()]).to.deep.equal([0, 0, 0, 0, 1, 1, 1, 1]);
  });
});
