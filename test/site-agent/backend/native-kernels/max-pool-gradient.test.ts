import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { skipBecause } from '../../../support/skip-because.js';
import { waves } from '../../model/numbers.js';

describe('the gradient of max pooling by oneDNN', () => {
  before(async function () {
    const { name, warning } = await selectBackend('auto', { threads: 1 });
    if (name !== 'cpu') skipBecause(this, warning ?? 'the native backend runs on a GPU');
  });
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  for (const [window, stride, pad] of [
    [3, 2, 'valid'],
    [3, 2, 'same'],
    [2, 2, 'valid'],
    [3, 1, 'same'],
  ] as const) {
    it(`gives each window’s share to its largest cell: ${window}×${window}, stride ${stride}, ${pad}`, () => {
      const [films, side, channels] = [2, 9, 3];
      const x = waves(films * side * side * channels, 1);
      const pooled = (map: tf.Tensor): tf.Tensor4D => tf.maxPool(map as tf.Tensor4D, window, stride, pad);
      const input = tf.tensor4d(x, [films, side, side, channels]);
      const shape = pooled(input).shape;
      const dy = waves(tf.util.sizeFromShape(shape), 2);
      const dx = tf
        .grad((map) => tf.sum(tf.mul(pooled(map), tf.tensor(dy, shape))))(input)
        .dataSync();

      const after = shape[1];
      const before = pad === 'valid' ? 0 : Math.floor(((after - 1) * stride + window - side) / 2);
      const expected = new Float64Array(x.length);
      for (const [place, share] of dy.entries()) {
        const channel = place % channels;
        const cell = Math.floor(place / channels);
        const [film, row, column] = [
          Math.floor(cell / after ** 2),
          Math.floor(cell / after) % after,
          cell % after,
        ];
        let largest = -1;
        for (let k = 0; k < window * window; k++) {
          const y = row * stride - before + Math.floor(k / window);
          const z = column * stride - before + (k % window);
          if (y < 0 || y >= side || z < 0 || z >= side) continue;
          const index = ((film * side + y) * side + z) * channels + channel;
          if (largest < 0 || x[index]! > x[largest]!) largest = index;
        }
        expected[largest]! += share;
      }
      for (const [i, value] of dx.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-6);
    });
  }
});
