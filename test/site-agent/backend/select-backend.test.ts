import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { waves } from '../model/numbers.js';
import { skipBecause } from '../../support/skip-because.js';
import { SMALL_MODEL } from '../model/small-model.js';

const plan = SMALL_MODEL;

/** Outputs and gradients of the same network and film by name, read on the backend in use. */
function outputsAndGradients(): Map<string, Float32Array> {
  const model = new Oxnet(plan, 3);
  const numbers = new Map<string, Float32Array>();
  tf.tidy(() => {
    let phase = 0;
    for (const variable of model.variables.values()) {
      variable.assign(tf.add(variable, tf.tensor(waves(variable.size, phase++, 0.1), variable.shape)));
    }
    const images = tf.tensor4d(waves(2 * 64 * 64, 1), [2, 64, 64, 1]);
    const outputs = model.forward(images);
    for (const [name, tensor] of Object.entries<tf.Tensor>({ ...outputs })) numbers.set(name, read(tensor));
    const { grads } = tf.variableGrads(() => {
      const { classLogits, boxDeltas, features, imageLogits } = model.forward(images);
      const parts = [classLogits, boxDeltas, features, imageLogits];
      return tf.addN(parts.map((part) => tf.mean(tf.square(part)))) as tf.Scalar;
    }, [...model.trainable.values()]);
    for (const [name, variable] of model.trainable) numbers.set(`∂ ${name}`, read(grads[variable.name]!));
  });
  model.dispose();
  return numbers;
}

function read(tensor: tf.Tensor): Float32Array {
  return (tensor.dataSync() as Float32Array).slice();
}

describe('backends', () => {
  after(() => selectBackend('auto'));

  it('calculates the same outputs and gradients natively and on WebAssembly', async function () {
    const native = await selectBackend('auto', { threads: 1 });
    if (native.name === 'wasm') skipBecause(this, native.warning ?? 'there is no native backend');
    const expected = outputsAndGradients();
    expect((await selectBackend('wasm')).name).to.equal('wasm');
    const actual = outputsAndGradients();
    for (const [name, values] of expected) {
      const largest = (numbers: Float32Array) => numbers.reduce((max, n) => Math.max(max, Math.abs(n)), 0);
      const error = largest(values.map((value, i) => value - actual.get(name)![i]!));
      const scale = Math.max(largest(values), 1e-6);
      expect(error / scale, name).to.be.below(1e-4);
    }
  });

  it('refuses a GPU that is not there', async function () {
    const { name } = await selectBackend('auto', { threads: 1 });
    if (name === 'gpu') skipBecause(this, 'this machine has a GPU');
    const refusal = await selectBackend('gpu').catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(FederationError);
    expect((refusal as FederationError).code).to.equal('BACKEND_UNAVAILABLE');
  });

  describe('WebAssembly kernels', () => {
    before(() => selectBackend('wasm'));
    beforeEach(() => tf.engine().startScope());
    afterEach(() => tf.engine().endScope());

    for (const [side, stride, size, pad] of [
      [3, 1, 5, 'same'],
      [3, 2, 6, 'same'],
      [3, 2, 7, 'same'],
      [1, 2, 6, 'same'],
      [1, 2, 5, 'same'],
      [7, 2, 10, 'valid'],
      [1, 1, 4, 'valid'],
    ] as const) {
      it(`finds both gradients of a ${side}×${side} convolution, stride ${stride}, ${size}×${size}, ${pad}`, () => {
        const x = tf.tensor4d(waves(2 * size * size * 3, 1), [2, size, size, 3]);
        const kernel = tf.tensor4d(waves(side * side * 3 * 2, 2), [side, side, 3, 2]);
        const y = tf.conv2d(x, kernel, stride, pad);
        const weight = tf.tensor4d(waves(y.size, 3), y.shape);
        const loss = (x: tf.Tensor, kernel: tf.Tensor) =>
          tf.sum(tf.mul(tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, stride, pad), weight));
        const gradients = tf.grads((x, kernel) => loss(x!, kernel!))([x, kernel]);
        for (const [input, tensor] of [x, kernel].entries()) {
          const gradient = gradients[input]!.dataSync();
          const values = tensor.dataSync();
          // The loss is linear in each: a difference of any size is exact up to rounding.
          for (let index = 0; index < values.length; index += 5) {
            const moved = (by: number) => {
              const changed = Float32Array.from(values);
              changed[index]! += by;
              const other = tf.tensor4d(changed, tensor.shape);
              return (input === 0 ? loss(other, kernel) : loss(x, other)).dataSync()[0]!;
            };
            expect((moved(1) - moved(-1)) / 2).to.be.closeTo(gradient[index]!, 1e-3);
          }
        }
      });
    }

    it('adds the rows of a segment, as the gradient of gather needs', () => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const gradient = tf.grad((x) => tf.sum(tf.mul(tf.gather(x, tf.tensor1d([2, 0, 2], 'int32')), x)))(x);
      // d/dx Σ x[2]·x[0] + x[0]·x[1] + x[2]·x[2]
      expect([...gradient.dataSync()]).to.deep.equal([5 + 3, 6 + 4, 1, 2, 1 + 10, 2 + 12]);
    });
  });
});
