import * as tf from '@tensorflow/tfjs-core';
import { selectBackend, type BackendWish } from '@fedoxnet/site-agent/backend/select-backend';
import { Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { waves } from './numbers.js';

/**
 * CPU milliseconds of one forward pass and of one forward and backward pass of the tiny network, least of `REPEATS`.
 * node test/dist/site-agent/model/step-time.js [size 128] [films 8] [width 64] [backend cpu] [threads 1]
 */
const REPEATS = 25;
const [size = '128', films = '8', width = '64', backend = 'cpu', threads = '1'] = process.argv.slice(2);
const { description } = await selectBackend(backend as BackendWish, { threads: Number(threads) });
const side = Number(size);
const model = new Oxnet(
  {
    backbone: 'tiny',
    size: side,
    channels: 1,
    norm: 'group',
    levels: [3, 7],
    anchorScale: 2,
    width: Number(width),
    headDepth: 2,
    seed: 1,
  },
  5,
);
const images = tf.tensor4d(waves(Number(films) * side * side, 1), [Number(films), side, side, 1]);

const forward = least(() => model.forward(images).imageLogits.dataSync());
const both = least(() => {
  const { value } = tf.variableGrads(() => {
    const { classLogits, boxDeltas, features, imageLogits } = model.forward(images);
    return tf.addN(
      [classLogits, boxDeltas, features, imageLogits].map((t) => tf.mean(tf.square(t))),
    ) as tf.Scalar;
  }, [...model.trainable.values()]);
  value.dataSync();
});
console.log(
  JSON.stringify({
    backend: description,
    size: side,
    films: Number(films),
    width: Number(width),
    forward,
    both,
  }),
);

function least(work: () => void): number {
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const before = process.cpuUsage();
    tf.engine().startScope();
    work();
    tf.engine().endScope();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return Math.round(best * 10) / 10;
}
