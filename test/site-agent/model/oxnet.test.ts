import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { isErrorCode, type FederationError } from '@fedoxnet/shared/errors';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { skipBecause } from '../../support/skip-because.js';
import { largestDifference, waves } from './numbers.js';
import { SMALL_MODEL } from './small-model.js';

const plan = SMALL_MODEL;
const K = 3;
const films = (count = 2, { size, channels } = plan) =>
  tf.tensor4d(waves(count * size * size * channels, 1), [count, size, size, channels]);

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    const { code } = error as FederationError;
    expect(isErrorCode(code)).to.equal(true);
    return `${code}: ${(error as Error).message}`;
  }
  return 'no error';
}

describe('OXnet', () => {
  let backend: string;
  before(async () => ({ name: backend } = await selectBackend('auto', { threads: 1 })));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it('gives every output its shape', () => {
    const model = new Oxnet(plan, K);
    const outputs = model.forward(films());
    const { count } = anchorGrid(plan);
    expect(count).to.equal(9 * (64 + 16 + 4 + 1));
    expect(outputs.classLogits.shape).to.deep.equal([2, count, K]);
    expect(outputs.boxDeltas.shape).to.deep.equal([2, count, 4]);
    expect(outputs.features.shape).to.deep.equal([2, 2, 2, 128]);
    expect(outputs.activation.shape).to.deep.equal([2, 2, 2, K]);
    expect(outputs.attention.shape).to.deep.equal([2, 2, 2, K]);
    expect(outputs.imageLogits.shape).to.deep.equal([2, K]);
    model.dispose();
  });

  for (const backbone of ['tiny', 'resnet18', 'resnet50'] as const) {
    for (const norm of ['group', 'frozen'] as const) {
      it(`is sane when fresh (${backbone}, ${norm}): scores 0.01, boxes at their anchors, film logits 0`, () => {
        const shape = { ...plan, backbone, norm, channels: 3 as const, levels: [2, 7] as [number, number] };
        const model = new Oxnet(shape, K);
        const outputs = model.forward(films(1, shape));
        const scores = tf.sigmoid(outputs.classLogits);
        expect(largestDifference(scores, tf.fill(scores.shape, 0.01))).to.be.below(1e-6);
        expect(tf.max(tf.abs(outputs.boxDeltas)).dataSync()[0]).to.equal(0);
        expect(tf.max(tf.abs(outputs.imageLogits)).dataSync()[0]).to.equal(0);
        const spread = tf.sqrt(tf.mean(tf.square(outputs.features))).dataSync()[0];
        expect(spread).to.be.within(0.05, 20);
        model.dispose();
      });
    }
  }

  it('counts the parameters of the paper with K = 9 and P2–P7', () => {
    const counts = (['resnet50', 'resnet101'] as const).map((backbone) => {
      const paper = {
        ...plan,
        backbone,
        channels: 3 as const,
        norm: 'frozen' as const,
        levels: [2, 7] as [number, number],
        width: 256,
        headDepth: 4,
      };
      return Oxnet.parameterCount(paper, 9);
    });
    expect(counts).to.deep.equal([37_170_101, 56_162_229]);
  });

  it('is the same for the same seed, and another for another', () => {
    const [a, b, c] = [plan, plan, { ...plan, seed: 8 }].map((p) => freshModel(p, K).weights);
    expect(a).to.deep.equal(b);
    expect(a!.get('backbone.stem.conv.kernel')).to.not.deep.equal(c!.get('backbone.stem.conv.kernel'));
  });

  it('lets two networks live side by side and copies weights by name', () => {
    const student = new Oxnet(plan, K);
    const teacher = new Oxnet({ ...plan, seed: 8 }, K);
    const before = student.forward(films());
    expect(largestDifference(before.features, teacher.forward(films()).features)).to.be.above(0.1);
    const weights = student.getWeights();
    // Another order of the same tensors must not matter.
    teacher.setWeights(new Map([...weights].reverse()));
    expect(largestDifference(before.features, teacher.forward(films()).features)).to.equal(0);
    student.dispose();
    expect(largestDifference(before.features, teacher.forward(films()).features)).to.equal(0);
    teacher.dispose();
  });

  it('keeps what it read apart from what it goes on to learn', () => {
    const model = new Oxnet(plan, K);
    const name = 'globalHead.kernel';
    const weights = model.getWeights();
    model.variables.get(name)!.assign(tf.ones(model.variables.get(name)!.shape));
    expect(weights.get(name)!.values[0]).to.equal(0);
    model.dispose();
  });

  it('refuses weights that do not fit, by name, and stays as it was', () => {
    const model = new Oxnet(plan, K);
    const fresh = model.getWeights();
    const name = 'classSubnet.output.bias';
    const changed = (change: (weights: Map<string, { shape: number[]; values: Float32Array }>) => void) => {
      const weights = new Map(
        [...fresh].map(([n, { shape, values }]) => [n, { shape: [...shape], values: values.slice() }]),
      );
      change(weights);
      return codeOf(() => model.setWeights(weights));
    };
    expect(changed((w) => w.delete(name))).to.equal(`WEIGHTS_INVALID: The weights lack ${name}.`);
    expect(changed((w) => w.set(name, { shape: [36], values: new Float32Array(36) }))).to.equal(
      `WEIGHTS_INVALID: ${name} has shape [36], the network's is [27].`,
    );
    expect(changed((w) => (w.get(name)!.values[3] = NaN))).to.equal(
      `WEIGHTS_INVALID: ${name} holds a number that is not finite.`,
    );
    expect(changed((w) => w.set('fc.weight', { shape: [1], values: new Float32Array(1) }))).to.equal(
      'WEIGHTS_INVALID: The network has no tensor fc.weight.',
    );
    expect(model.getWeights()).to.deep.equal(fresh);
    model.dispose();
  });

  it('names modules and class axes for the aggregation', () => {
    const { roles, weights } = freshModel(plan, K);
    expect(Object.keys(roles)).to.deep.equal([...weights.keys()]);
    expect(roles['backbone.stage3.block1.conv1.kernel']).to.deep.equal({ module: 'backbone' });
    expect(roles['fpn.extra6.kernel']).to.deep.equal({ module: 'fpn' });
    expect(roles['boxSubnet.output.bias']).to.deep.equal({ module: 'boxSubnet' });
    expect(roles['classSubnet.conv1.kernel']).to.deep.equal({ module: 'classSubnet' });
    expect(roles['classSubnet.output.kernel']).to.deep.equal({ module: 'classSubnet', classAxis: 3 });
    expect(roles['classSubnet.output.bias']).to.deep.equal({ module: 'classSubnet', classAxis: 0 });
    expect(roles['globalHead.kernel']).to.deep.equal({ module: 'globalHead', classAxis: 3 });
    expect(roles['prototypes']).to.deep.equal({ module: 'prototypes', classAxis: 0 });
    for (const [name, { classAxis }] of Object.entries(roles)) {
      if (classAxis !== undefined) expect(weights.get(name)!.shape[classAxis]! % K, name).to.equal(0);
    }
  });

  it('puts class c of anchor a in channel a·K + c', () => {
    const model = new Oxnet(plan, K);
    const bias = model.variables.get('classSubnet.output.bias')!;
    bias.assign(tf.range(0, 9 * K));
    const { classLogits } = model.forward(films(1));
    const rows = classLogits.arraySync()[0]!;
    expect(rows[0]).to.deep.equal([0, 1, 2]);
    expect(rows[4]).to.deep.equal([12, 13, 14]);
    expect(rows[9]).to.deep.equal([0, 1, 2]);
    model.dispose();
  });

  it('has the gradient that finite differences show, through all of it', function () {
    // That its gradients are the native backend's is tested beside the kernels.
    if (backend === 'wasm')
      skipBecause(this, 'float32 sums of WebAssembly are too coarse for differences of the loss');
    const model = new Oxnet(plan, K);
    let phase = 0;
    for (const variable of model.variables.values()) {
      const noise = tf.tensor(waves(variable.size, phase++, 0.1), variable.shape);
      variable.assign(tf.add(variable, noise));
    }
    const images = films();
    const loss = () =>
      tf.tidy(() => {
        const { classLogits, boxDeltas, features, attention, imageLogits } = model.forward(images);
        const terms = [
          tf.mean(tf.square(classLogits)),
          tf.mean(tf.square(boxDeltas)),
          tf.mean(tf.square(features)),
          tf.sum(tf.square(attention)),
          tf.mean(tf.square(imageLogits)),
        ];
        return tf.addN(terms) as tf.Scalar;
      });
    const { grads } = tf.variableGrads(loss, [...model.trainable.values()]);
    const step = 8e-3;
    for (const [name, variable] of model.trainable) {
      // Along its own gradient the loss rises by the gradient's norm: one number tests the whole tensor.
      const gradient = grads[variable.name]!;
      const norm = tf.norm(gradient).dataSync()[0]!;
      const original = variable.clone();
      const direction = tf.div(gradient, norm);
      const lossAt = (distance: number) => {
        variable.assign(tf.add(original, tf.mul(direction, distance)));
        return loss().dataSync()[0]!;
      };
      const slope = (lossAt(step) - lossAt(-step)) / (2 * step);
      variable.assign(original);
      // Rounding of the loss (1e-6) over the step leaves about 1e-4.
      expect(slope, name).to.be.closeTo(norm, 0.03 * norm + 3e-4);
    }
    model.dispose();
  });

  it('leaks nothing over forward and backward passes', () => {
    const model = new Oxnet(plan, K);
    const images = films();
    const step = () => {
      const { value, grads } = tf.variableGrads(
        () => tf.tidy(() => tf.mean(tf.square(model.forward(images).boxDeltas))),
        [...model.trainable.values()],
      );
      tf.dispose([value, ...Object.values(grads)]);
      Object.values(model.forward(images)).forEach((output: tf.Tensor) => output.dispose());
    };
    step(); // fills the cache of constants
    const { numTensors } = tf.memory();
    step();
    step();
    expect(tf.memory().numTensors).to.equal(numTensors);
    model.dispose();
  });

  it('gives its memory back', () => {
    const { numTensors } = tf.memory();
    const model = new Oxnet(plan, K);
    Object.values(model.forward(tf.tidy(() => films(1)))).forEach((output: tf.Tensor) => output.dispose());
    model.dispose();
    expect(tf.memory().numTensors).to.be.at.most(numTensors + 1); // the film
  });
});
