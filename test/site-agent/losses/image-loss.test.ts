import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { imageLoss } from '@fedoxnet/site-agent/losses/image-loss';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { expectValueAndGradient, randomNumbers, sigmoid, sum } from './numeric-gradient.js';

describe('image loss', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('of an undecided head is log 2', () => {
    const loss = imageLoss(tf.zeros([2, 2]), tf.tensor2d([1, 0, 0, 1], [2, 2]), tf.fill([2, 2], 0.25));
    expect(loss.dataSync()[0]).to.be.closeTo(0.69315, 1e-5);
  });

  it('agrees with the cross-entropy and its central differences', () => {
    const logits = randomNumbers('image logits', 6, -4, 4);
    const labels = [1, 0, 0, 1, 1, 0];
    const weights = [1, 0.5, 0, 0.25, 1, 2];
    expectValueAndGradient(
      (x) => imageLoss(x as tf.Tensor2D, tf.tensor2d(labels, [2, 3]), tf.tensor2d(weights, [2, 3])),
      [2, 3],
      logits,
      (xs) => sum(xs.map((x, i) => -weights[i]! * Math.log(labels[i] ? sigmoid(x) : 1 - sigmoid(x)))),
    );
  });

  it('stays finite for logits of ±1000', () => {
    const loss = imageLoss(tf.tensor2d([[1000, -1000]]), tf.tensor2d([[0, 1]]), tf.tensor2d([[1, 1]]));
    expect(loss.dataSync()[0]).to.equal(2000);
  });

  it('is blind to what is not known', () => {
    const gradient = tf.grad((x) =>
      imageLoss(x as tf.Tensor2D, tf.tensor2d([[1, 1]]), tf.tensor2d([[1, 0]])),
    )(tf.tensor2d([[0, 5]]));
    expect([...gradient.dataSync()]).to.deep.equal([-0.5, 0]);
  });

  it('trains both maps: ds/dX = R and ds/dA = (X − s) / Σ A', () => {
    // Two cells with X = (3, 1) and A = (1, 3): R = (¼, ¾), s = 1.5, so dL/ds = σ(1.5) for a label of 0.
    const logit = (x: tf.Tensor, a: tf.Tensor) => tf.sum(tf.mul(x, tf.div(a, tf.sum(a)))) as tf.Scalar;
    const [dx, da] = tf.grads((x: tf.Tensor, a: tf.Tensor) =>
      imageLoss(tf.reshape(logit(x, a), [1, 1]), tf.zeros([1, 1]), tf.ones([1, 1])),
    )([tf.tensor1d([3, 1]), tf.tensor1d([1, 3])]);
    const slope = sigmoid(1.5);
    expect(dx!.dataSync()[0]).to.be.closeTo(slope * 0.25, 1e-6);
    expect(dx!.dataSync()[1]).to.be.closeTo(slope * 0.75, 1e-6);
    expect(da!.dataSync()[0]).to.be.closeTo((slope * 1.5) / 4, 1e-6);
    expect(da!.dataSync()[1]).to.be.closeTo((slope * -0.5) / 4, 1e-6);
  });
});
