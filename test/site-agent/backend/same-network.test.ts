import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { skipBecause } from '../../support/skip-because.js';
import { waves } from '../model/numbers.js';
import { smallPlan } from '../training/small-study.js';

const CLASSES = 3;

/** Σ of squares of all that the network says of two films, and its gradient by each trained tensor. */
function lossAndGradients(): { loss: number; gradients: Map<string, Float32Array> } {
  const { model: plan } = smallPlan();
  const model = new Oxnet(plan, CLASSES);
  let phase = 0;
  for (const variable of model.variables.values()) {
    variable.assign(tf.tensor(waves(variable.size, phase++, 0.1), variable.shape));
  }
  const { size, channels } = plan;
  const films = tf.tensor4d(waves(2 * size * size * channels, 1), [2, size, size, channels]);
  const { value, grads } = tf.variableGrads(() => {
    const { classLogits, boxDeltas, attention, imageLogits } = model.forward(films);
    return tf.addN(
      [classLogits, boxDeltas, attention, imageLogits].map((said) => tf.mean(tf.square(said))),
    ) as tf.Scalar;
  }, [...model.trainable.values()]);
  const gradients = new Map(
    [...model.trainable].map(([name, variable]) => [
      name,
      grads[variable.name]!.dataSync<'float32'>().slice(),
    ]),
  );
  const loss = value.dataSync()[0]!;
  tf.dispose([films, value, grads]);
  model.dispose();
  return { loss, gradients };
}

describe('the network on native TensorFlow and on WebAssembly', () => {
  before(async function () {
    const { name, warning } = await selectBackend('auto', { threads: 1 });
    if (name === 'wasm') skipBecause(this, warning ?? 'there is no native backend');
  });
  after(() => selectBackend('auto', { threads: 1 }));

  it('has the same loss and the same gradients', async () => {
    const native = lossAndGradients();
    await selectBackend('wasm');
    const wasm = lossAndGradients();
    expect(wasm.loss).to.be.closeTo(native.loss, 1e-5 * native.loss);
    for (const [name, gradient] of native.gradients) {
      const other = wasm.gradients.get(name)!;
      const largest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest, name).to.be.above(0);
      gradient.forEach((value, i) => expect(other[i], `${name}[${i}]`).to.be.closeTo(value, 2e-5 * largest));
    }
  });
});
