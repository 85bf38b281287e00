import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { convolution } from '@fedoxnet/site-agent/model/convolution';
import { frozenConvolution } from '@fedoxnet/site-agent/model/frozen-norm';
import type { Layer } from '@fedoxnet/site-agent/model/layer';
import { ParameterSet, type Parameter } from '@fedoxnet/site-agent/model/parameters';
import type { Padding } from '@fedoxnet/site-agent/model/sliding-correlation';
import { waves } from './numbers.js';
import { plainConvolution, type PlainConvolution } from './plain-convolution.js';

const CLOSE = 2e-5;

/** x, kernel and offset by name, waves of different phases. */
function numbersFor({ films, side, kernel, inputs, outputs }: PlainConvolution) {
  const scale = 1 / Math.sqrt(kernel * kernel * inputs);
  return {
    x: waves(films * side * side * inputs, 1),
    kernel: waves(kernel * kernel * inputs * outputs, 2, scale),
    offset: waves(outputs, 3, 0.3),
    gain: waves(outputs, 4, 0.5).map((value) => 1 + value),
  };
}

function parameterOf(parameters: ParameterSet, name: string): Parameter {
  const found = [...parameters].find((parameter) => parameter.name === name);
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found;
}

/** Forward and all gradients of `layer` for dL/dy = waves, beside the definition's. */
function compare(layer: Layer, parameters: ParameterSet, sizes: PlainConvolution, rectified: boolean) {
  const { films, side, inputs, outputs, stride } = sizes;
  const values = numbersFor(sizes);
  const after = Math.ceil(side / stride);
  const dy = waves(films * after * after * outputs, 5);
  const x = tf.tensor4d(values.x, [films, side, side, inputs]);
  const weight = tf.tensor4d(dy, [films, after, after, outputs]);
  const y = layer(x).dataSync<'float32'>();
  const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(layer(x as tf.Tensor4D), weight));
  const dx = tf.grad(loss)(x).dataSync<'float32'>();
  const ofVariables = tf.variableGrads(() => loss(x)).grads;
  const gradient = (name: string) => ofVariables[parameterOf(parameters, name).value.name];
  return { values, dy: rectified ? dy.map((d, i) => (y[i]! > 0 ? d : 0)) : dy, y, dx, gradient };
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(found.length, what).to.equal(expected.length);
  let largest = 0;
  for (let i = 0; i < found.length; i++) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!));
  expect(largest, `${what}: largest difference`).to.be.below(CLOSE);
}

/** Cells before a map, by the definitions of the two paddings. */
function cellsBefore(side: number, kernel: number, stride: 1 | 2, padding: Padding): number {
  if (padding === 'symmetric') return Math.floor(kernel / 2);
  const needed = (Math.ceil(side / stride) - 1) * stride + kernel - side;
  return Math.floor(Math.max(0, needed) / 2);
}

for (const backend of ['auto', 'wasm'] as const) {
  // Maps of 16×16 go through the library's convolution, of 4×4 through one product over gathered cells.
  describe(`a convolution (backend ${backend})`, () => {
    before(() => selectBackend(backend, { threads: 1 }));
    beforeEach(() => tf.engine().startScope());
    afterEach(() => tf.engine().endScope());

    for (const side of [16, 15, 4, 5]) {
      for (const kernel of [1, 3, 7]) {
        for (const stride of [1, 2] as const) {
          for (const padding of ['same', 'symmetric'] as const) {
            const sizes = { films: 2, side, kernel, inputs: 3, outputs: 4, stride };
            const geometry = { ...sizes, before: cellsBefore(side, kernel, stride, padding) };
            const name = `${kernel}×${kernel} at ${side}×${side}, stride ${stride}, ${padding}`;

            it(`${name}: equals its definition, forward and backward, with bias and ReLU`, () => {
              const parameters = new ParameterSet();
              const scope = parameters.scope('backbone').child('c');
              const layer = convolution(scope, { ...sizes, padding, bias: true, rectified: true });
              const { kernel: k, offset } = numbersFor(geometry);
              parameterOf(parameters, 'backbone.c.kernel').allocate(k);
              parameterOf(parameters, 'backbone.c.bias').allocate(offset);
              const { values, dy, y, dx, gradient } = compare(layer, parameters, geometry, true);
              const plain = plainConvolution(geometry, values.x, values.kernel, dy);
              const expected = plain.y.map((sum, i) => Math.max(0, sum + offset[i % 4]!));
              expectClose(y, expected, 'y');
              expectClose(dx, plain.dx, 'dx');
              expectClose(gradient('backbone.c.kernel')!.dataSync(), plain.dKernel, 'dK');
              const sums = [0, 1, 2, 3].map((o) =>
                dy.reduce((sum, d, i) => (i % 4 === o ? sum + d : sum), 0),
              );
              expectClose(gradient('backbone.c.bias')!.dataSync(), sums, 'db');
              parameters.dispose();
            });
          }
        }
      }
    }

    // The norm scales the kernel where that is the smaller of the two (16×16), else the map (4×4 with wide kernels).
    for (const [side, inputs] of [
      [16, 3],
      [4, 40],
    ] as const) {
      for (const rectified of [true, false]) {
        const kind = rectified ? 'with ReLU' : 'alone';
        it(`under a frozen norm ${kind} at ${side}×${side}: trains its kernel, and the norm gets nothing`, () => {
          const sizes = { films: 2, side, kernel: 3, inputs, outputs: 4, stride: 1 as const };
          const geometry = { ...sizes, before: 1 };
          const parameters = new ParameterSet();
          const backbone = parameters.scope('backbone');
          const layer = frozenConvolution(backbone.child('c'), backbone.child('n'), {
            ...sizes,
            rectified,
            initialGain: 1,
          });
          const { kernel: k, gain, offset } = numbersFor(geometry);
          parameterOf(parameters, 'backbone.c.kernel').allocate(k);
          parameterOf(parameters, 'backbone.n.gain').allocate(gain);
          parameterOf(parameters, 'backbone.n.offset').allocate(offset);
          const { values, dy, y, dx, gradient } = compare(layer, parameters, geometry, rectified);
          const folded = values.kernel.map((value, i) => value * gain[i % 4]!);
          const plain = plainConvolution(geometry, values.x, folded, dy);
          const expected = plain.y.map((sum, i) => sum + offset[i % 4]!);
          expectClose(y, rectified ? expected.map((v) => Math.max(0, v)) : expected, 'y');
          expectClose(dx, plain.dx, 'dx');
          const dKernel = plain.dKernel.map((value, i) => value * gain[i % 4]!);
          expectClose(gradient('backbone.c.kernel')!.dataSync(), dKernel, 'dK');
          expect(gradient('backbone.n.gain')).to.equal(undefined);
          expect(gradient('backbone.n.offset')).to.equal(undefined);
          parameters.dispose();
        });
      }
    }
  });
}
