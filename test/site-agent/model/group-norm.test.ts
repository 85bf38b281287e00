import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { groupCount, groupMeanMatrix, normaliseGroups } from '@fedoxnet/site-agent/model/group-norm';
import { largestDifference, waves } from './numbers.js';

/** The definition, from library ops alone: moments over cells and the channels of each group. */
function plainGroupNorm(x: tf.Tensor4D, gain: tf.Tensor, offset: tf.Tensor, groups: number): tf.Tensor4D {
  const [films, height, width, channels] = x.shape;
  const grouped = tf.reshape(x, [films, height * width, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normalised = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-5)));
  return tf.add(tf.mul(tf.reshape(normalised, x.shape), gain), offset);
}

describe('group norm', () => {
  before(() => selectBackend('auto', { threads: 1 }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  const shape = [2, 3, 4, 16] as [number, number, number, number];
  const groups = 2;
  const inputs = () => ({
    x: tf.tensor4d(waves(2 * 3 * 4 * 16, 1, 0.7), shape),
    gain: tf.tensor1d(waves(16, 2, 0.5).map((v) => v + 1)),
    offset: tf.tensor1d(waves(16, 3, 0.3)),
    averaging: groupMeanMatrix(16, groups, 12),
    weight: tf.tensor4d(waves(2 * 3 * 4 * 16, 4), shape),
  });

  it('takes 8 channels per group, at most 32 groups', () => {
    expect([16, 64, 256, 2048].map(groupCount)).to.deep.equal([2, 8, 32, 32]);
  });

  for (const rectified of [false, true]) {
    const name = rectified ? 'with ReLU' : 'alone';

    it(`${name}: equals the definition, forward and all three gradients`, () => {
      const { x, gain, offset, averaging, weight } = inputs();
      const ours = (x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) =>
        normaliseGroups(x as tf.Tensor4D, gain, offset, averaging, rectified);
      const plain = (x: tf.Tensor, gain: tf.Tensor, offset: tf.Tensor) => {
        const y = plainGroupNorm(x as tf.Tensor4D, gain, offset, groups);
        return rectified ? tf.relu(y) : y;
      };
      expect(largestDifference(ours(x, gain, offset), plain(x, gain, offset))).to.be.below(1e-5);
      const gradients = (f: typeof ours | typeof plain) =>
        tf.grads((x, gain, offset) => tf.sum(tf.mul(f(x!, gain!, offset!), weight)))([x, gain, offset]);
      const expected = gradients(plain);
      for (const [i, gradient] of gradients(ours).entries()) {
        expect(largestDifference(gradient, expected[i]!)).to.be.below(2e-5);
      }
    });
  }

  it('has the gradient that finite differences show', () => {
    const { x, gain, offset, averaging, weight } = inputs();
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.mul(normaliseGroups(x as tf.Tensor4D, gain, offset, averaging, true), weight));
    const gradient = tf.grad(loss)(x).dataSync();
    const values = x.dataSync();
    const step = 1e-2;
    for (const index of [0, 17, 100, 191, 250, 383]) {
      const moved = (by: number) => {
        const changed = Float32Array.from(values);
        changed[index]! += by;
        return loss(tf.tensor4d(changed, shape)).dataSync()[0]!;
      };
      expect((moved(step) - moved(-step)) / (2 * step)).to.be.closeTo(gradient[index]!, 5e-3);
    }
  });

  it('turns a constant film into its offset', () => {
    const { gain, offset, averaging } = inputs();
    const y = normaliseGroups(tf.fill(shape, 0.3), gain, offset, averaging, false);
    expect(largestDifference(y, tf.broadcastTo(offset, shape))).to.be.below(1e-2);
  });
});
