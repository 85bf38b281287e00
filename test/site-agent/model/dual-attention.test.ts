import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import {
  attendedLogits,
  localAttention,
  normaliseAttention,
} from '@fedoxnet/site-agent/model/dual-attention';
import { largestDifference, waves } from './numbers.js';

const A = 9;

describe('dual attention', () => {
  before(() => selectBackend('auto', { threads: 1 }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('sums to one over the cells of each film and class', () => {
    const attention = tf.tensor4d(
      waves(2 * 4 * 4 * 3, 1).map((v) => v + 1.1),
      [2, 4, 4, 3],
    );
    const sums = tf.sum(normaliseAttention(attention), [1, 2]).dataSync();
    expect(sums).to.have.length(6);
    for (const sum of sums) expect(sum).to.be.closeTo(1, 1e-5);
  });

  it('has ds/dX = R and ds/dA = (X − s) / ΣA', () => {
    const shape = [2, 4, 4, 3] as [number, number, number, number];
    const A = tf.tensor4d(
      waves(96, 1).map((v) => 0.5 + 0.4 * v),
      shape,
    );
    const X = tf.tensor4d(waves(96, 2), shape);
    const s = attendedLogits(X, normaliseAttention(A));
    const [dX, dA] = tf.grads((X, A) =>
      tf.sum(attendedLogits(X as tf.Tensor4D, normaliseAttention(A as tf.Tensor4D))),
    )([X, A]);
    expect(largestDifference(dX!, normaliseAttention(A))).to.be.below(1e-6);
    const expected = tf.div(tf.sub(X, tf.reshape(s, [2, 1, 1, 3])), tf.sum(A, [1, 2], true));
    expect(largestDifference(dA!, expected)).to.be.below(1e-6);
  });

  it('takes the best anchor of the level with the highest peak, by hand', () => {
    // One film, one class, two levels of 2×2 and 1×1 cells. Class scores −3 except where set.
    const fine = new Float32Array(4 * A).fill(-3);
    fine[0 * A + 4] = 1; // cell 0: anchor 4
    fine[3 * A + 0] = 0.5; // cell 3: anchor 0
    fine[3 * A + 8] = -1;
    const coarse = new Float32Array(A).fill(0.9); // below the fine level's peak
    const attention = localAttention(
      [tf.tensor4d(fine, [1, 2, 2, A]), tf.tensor4d(coarse, [1, 1, 1, A])],
      1,
      2,
      2,
    ).dataSync();
    const sigmoid = (score: number) => 1 / (1 + Math.exp(-score));
    for (const [cell, score] of [1, -3, -3, 0.5].entries()) {
      expect(attention[cell]).to.be.closeTo(sigmoid(score), 1e-6);
    }
  });

  it('chooses the level per film and class', () => {
    // K = 2: film 0 sees class 0 at the fine and class 1 at the coarse level, film 1 the other way round.
    const film = (fine: [number, number], coarse: [number, number]) => ({
      fine: Array.from({ length: 4 * A }, () => fine).flat(),
      coarse: Array.from({ length: A }, () => coarse).flat(),
    });
    const films = [film([2, -2], [-1, 1]), film([-2, 2], [1, -1])];
    const attention = localAttention(
      [
        tf.tensor4d(
          films.flatMap(({ fine }) => fine),
          [2, 2, 2, A * 2],
        ),
        tf.tensor4d(
          films.flatMap(({ coarse }) => coarse),
          [2, 1, 1, A * 2],
        ),
      ],
      2,
      2,
      2,
    );
    const expected = tf.sigmoid(tf.tensor4d([2, 1, 1, 2], [2, 1, 1, 2]));
    expect(largestDifference(attention, tf.broadcastTo(expected, [2, 2, 2, 2]))).to.be.below(1e-6);
  });

  it('has the gradient that finite differences show, and none at the level not chosen', () => {
    const K = 2;
    const fine = tf.tensor4d(waves(4 * 4 * A * K, 1, 2), [1, 4, 4, A * K]);
    const coarse = tf.tensor4d(waves(2 * 2 * A * K, 2, 0.5), [1, 2, 2, A * K]);
    const weight = tf.tensor4d(waves(3 * 3 * K, 3), [1, 3, 3, K]);
    const loss = (fine: tf.Tensor, coarse: tf.Tensor) =>
      tf.sum(tf.mul(localAttention([fine as tf.Tensor4D, coarse as tf.Tensor4D], K, 3, 3), weight));
    const [dFine, dCoarse] = tf.grads((fine, coarse) => loss(fine!, coarse!))([fine, coarse]);
    expect(tf.max(tf.abs(dCoarse!)).dataSync()[0]).to.equal(0);
    const gradient = dFine!.dataSync();
    const values = fine.dataSync();
    const step = 1e-3;
    let touched = 0;
    for (let index = 0; index < values.length; index++) {
      if (gradient[index] === 0 && index % 20 !== 0) continue;
      const moved = (by: number) => {
        const changed = Float32Array.from(values);
        changed[index]! += by;
        return loss(tf.tensor4d(changed, fine.shape), coarse).dataSync()[0]!;
      };
      expect((moved(step) - moved(-step)) / (2 * step)).to.be.closeTo(gradient[index]!, 2e-3);
      touched++;
    }
    expect(touched).to.be.above(10);
  });

  it('shares the gradient among equal anchors', () => {
    const logits = tf.zeros([1, 2, 2, A]) as tf.Tensor4D;
    const gradient = tf.grad((x) => tf.sum(localAttention([x as tf.Tensor4D], 1, 2, 2)))(logits);
    // Four cells, each ¼ (the slope of the sigmoid at 0) shared by nine anchors.
    expect(largestDifference(gradient, tf.fill([1, 2, 2, A], 0.25 / A))).to.be.below(1e-7);
  });
});
