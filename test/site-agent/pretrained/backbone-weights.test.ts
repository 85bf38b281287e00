import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { FederationError } from '@fedoxnet/shared/errors';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { backbone } from '@fedoxnet/site-agent/model/backbone';
import { ParameterSet } from '@fedoxnet/site-agent/model/parameters';
import { backboneWeights } from '@fedoxnet/site-agent/pretrained/backbone-weights';
import { readTensorFile, type TensorFile } from '@fedoxnet/site-agent/pretrained/tensor-file';
import { askPython, readVector, whyNoPython } from '../../shared/python-peer.js';
import { skipBecause } from '../../support/skip-because.js';
import { formulaResnet, hashedNumbers, type PublishedShapes } from './published-resnet.js';

type Depth = 'resnet18' | 'resnet34' | 'resnet50' | 'resnet101';
const DEPTHS: readonly Depth[] = ['resnet18', 'resnet34', 'resnet50', 'resnet101'];
type Features = Readonly<Record<'c3' | 'c4' | 'c5', { shape: number[]; values: number[] }>>;
interface Vectors {
  readonly input: readonly [number, number, number, number];
  readonly every: number;
  readonly networks: Readonly<Record<Depth, { shapes: PublishedShapes; features: Features }>>;
}
const vectors = readVector('resnet-features.json') as Vectors;

const planOf = (name: ModelPlan['backbone'], channels: 1 | 3 = 3) =>
  ({ backbone: name, channels, norm: 'frozen' }) as const;

/** C3, C4, C5 of our backbone with these weights. @param images [1, C, H, W] as PyTorch has them */
function featuresOf(
  plan: ReturnType<typeof planOf>,
  weights: WeightMap,
  images: Float32Array,
  [, , height, width]: Vectors['input'],
): Features {
  const parameters = new ParameterSet();
  const network = backbone(parameters.scope('backbone'), plan);
  for (const { name, shape } of parameters) expect(weights.get(name)?.shape, name).to.deep.equal(shape);
  expect(weights.size).to.equal([...parameters].length);
  for (const parameter of parameters) parameter.allocate(weights.get(parameter.name)!.values);
  const features = tf.tidy(() => {
    const chw = tf.tensor4d(images, [1, plan.channels, height, width]);
    const [, ...maps] = network.run(tf.transpose(chw, [0, 2, 3, 1]));
    return maps.map((map) => ({ shape: map.shape, values: Array.from(map.dataSync()) }));
  });
  parameters.dispose();
  return { c3: features[0]!, c4: features[1]!, c5: features[2]! };
}

/** Every number to 1e-4 of itself, or of the map's root mean square where it is near zero. */
function expectEqualFeatures(ours: Features, theirs: Features, every: number): void {
  for (const key of ['c3', 'c4', 'c5'] as const) {
    const [a, b] = [ours[key], theirs[key]];
    expect(a.shape, key).to.deep.equal(b.shape);
    const values = a.values.filter((_, index) => index % every === 0);
    expect(values.length, key).to.equal(b.values.length);
    const scale = Math.sqrt(b.values.reduce((sum, value) => sum + value * value, 0) / b.values.length);
    expect(scale, key).to.be.within(0.1, 1000); // a map of zeros would prove nothing
    const worst = Math.max(
      ...values.map((value, i) => Math.abs(value - b.values[i]!) / Math.max(scale, Math.abs(b.values[i]!))),
    );
    expect(worst, `${key}, largest relative difference`).to.be.below(1e-4);
  }
}

describe('backboneWeights', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  for (const depth of DEPTHS) {
    it(`gives ${depth} the C3, C4 and C5 that PyTorch computed once`, () => {
      const { shapes, features } = vectors.networks[depth];
      const { weights } = backboneWeights(formulaResnet(depth, shapes), planOf(depth));
      const [, channels, height, width] = vectors.input;
      const images = hashedNumbers('images', channels * height * width, -2, 2);
      expectEqualFeatures(featuresOf(planOf(depth), weights, images, vectors.input), features, vectors.every);
    });
  }

  describe('beside PyTorch', () => {
    let folder: string | undefined;
    after(() => folder !== undefined && rmSync(folder, { recursive: true }));

    it('gives the same C3, C4 and C5 as random networks it saved in bfloat16, float16 and float32', async function () {
      const reason = whyNoPython(['torch', 'numpy', 'safetensors']);
      if (reason !== null) skipBecause(this, `stored vectors alone, because ${reason}`);
      folder = mkdtempSync(join(tmpdir(), 'fedoxnet-resnets-'));
      const seed = Math.floor(Math.random() * 2 ** 31);
      const answer = askPython('resnet_peer.py', 'random', { folder, seed }) as {
        input: Vectors['input'];
        images: number[];
        networks: Record<Depth, { file: string; features: Features }>;
      };
      for (const depth of DEPTHS) {
        const { file, features } = answer.networks[depth];
        const { weights, leftOut } = backboneWeights(await readTensorFile(file), planOf(depth));
        expect(leftOut).to.include.members(['fc.weight', 'fc.bias', 'bn1.num_batches_tracked']);
        const ours = featuresOf(planOf(depth), weights, Float32Array.from(answer.images), answer.input);
        try {
          expectEqualFeatures(ours, features, 1);
        } catch (error) {
          throw new Error(`${depth}, seed ${seed}: ${(error as Error).message}`, { cause: error });
        }
      }
    });
  });

  it('makes a norm its gain and offset, also that of a shortcut', () => {
    const shapes = vectors.networks.resnet18.shapes;
    const file = changed(formulaResnet('resnet18', shapes), {
      'layer2.0.downsample.1.weight': 3,
      'layer2.0.downsample.1.bias': 5,
      'layer2.0.downsample.1.running_mean': 2,
      'layer2.0.downsample.1.running_var': 4 - 1e-5,
    });
    const { weights } = backboneWeights(file, planOf('resnet18'));
    // 3 / √4 = 1.5 and 5 − 2 · 1.5 = 2
    expect(weights.get('backbone.stage2.block1.shortcutNorm.gain')!.values[7]).to.be.closeTo(1.5, 1e-6);
    expect(weights.get('backbone.stage2.block1.shortcutNorm.offset')!.values[7]).to.be.closeTo(2, 1e-6);
  });

  it('takes a colour network for grey films: the same stem but at the edge', () => {
    const [, , height, width] = vectors.input;
    const film = hashedNumbers('film', height * width, 0, 1);
    const [mean, deviation] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const;
    const file = formulaResnet('resnet18', vectors.networks.resnet18.shapes);
    const stem = (channels: 1 | 3, images: Float32Array) => {
      const { weights } = backboneWeights(file, planOf('resnet18', channels));
      const { shape, values } = weights.get('backbone.stem.conv.kernel')!;
      expect(shape).to.deep.equal([7, 7, channels, 64]);
      return tf.tidy(() => {
        const chw = tf.tensor4d(images, [1, channels, height, width]);
        const kernel = tf.tensor4d(values, shape as [number, number, number, number]);
        const gain = tf.tensor1d(weights.get('backbone.stem.norm.gain')!.values);
        const offset = tf.tensor1d(weights.get('backbone.stem.norm.offset')!.values);
        const y = tf.conv2d(tf.transpose(chw, [0, 2, 3, 1]), kernel, 2, [
          [0, 0],
          [3, 3],
          [3, 3],
          [0, 0],
        ]);
        return tf.add(tf.mul(y, gain), offset) as tf.Tensor4D;
      });
    };
    const colours = [0, 1, 2].flatMap((c) => Array.from(film, (g) => (g - mean[c]!) / deviation[c]!));
    const three = stem(3, Float32Array.from(colours));
    const one = stem(
      1,
      film.map((g) => (g - 0.449) / 0.226),
    );
    const inside = (map: tf.Tensor4D) =>
      tf.slice(map, [0, 2, 2, 0], [1, height / 2 - 4, width / 2 - 4, 64]).dataSync();
    const [a, b] = [inside(three), inside(one)];
    const largest = Math.max(...a.map(Math.abs));
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / largest).to.be.below(1e-5);
    tf.dispose([three, one]);
  });

  describe('refuses', () => {
    const shapes = vectors.networks.resnet18.shapes;
    const refusal = (file: TensorFile, plan: Parameters<typeof backboneWeights>[1] = planOf('resnet18')) => {
      try {
        backboneWeights(file, plan);
      } catch (error) {
        return (error as FederationError).line.replace(/\. [^.]*\.$/, '.');
      }
      return 'no error';
    };

    it('a tensor of another shape, naming both', () => {
      const file = formulaResnet('resnet50', vectors.networks.resnet50.shapes);
      expect(refusal(file)).to.equal(
        'WEIGHTS_INVALID: resnet50.safetensors: layer1.0.conv1.weight has shape [64, 64, 1, 1], expected [64, 64, 3, 3].',
      );
    });

    it('a missing tensor', () => {
      const { 'layer4.1.bn2.running_var': gone, ...rest } = shapes;
      expect(refusal(formulaResnet('resnet18', rest))).to.equal(
        `WEIGHTS_INVALID: resnet18.safetensors lacks layer4.1.bn2.running_var [${gone!.join()}].`,
      );
    });

    it('a tensor it does not know, but not the classifier and the counters', () => {
      const counted = {
        ...shapes,
        'fc.weight': [1000, 512],
        'fc.bias': [1000],
        'bn1.num_batches_tracked': [],
      };
      expect(refusal(formulaResnet('resnet18', counted))).to.equal('no error');
      expect(
        refusal(formulaResnet('resnet18', { ...counted, 'layer1.0.se.fc1.weight': [4, 64, 1, 1] })),
      ).to.equal(
        'WEIGHTS_INVALID: resnet18.safetensors holds layer1.0.se.fc1.weight [4, 64, 1, 1], which resnet18 does not have.',
      );
    });

    it('a negative variance', () => {
      const file = changed(formulaResnet('resnet18', shapes), { 'bn1.running_var': -1 });
      expect(refusal(file)).to.contain('bn1.running_var holds a negative variance');
    });

    it('a plan whose network cannot take them', () => {
      const file = formulaResnet('resnet18', shapes);
      expect(refusal(file, { ...planOf('resnet18'), norm: 'group' })).to.contain(
        'PLAN_INVALID: model.norm is group',
      );
      expect(refusal(file, planOf('tiny'))).to.contain('PLAN_INVALID: model.backbone is tiny');
    });
  });
});

/** `file` with some tensors of one value. */
function changed(file: TensorFile, constants: Readonly<Record<string, number>>): TensorFile {
  return {
    ...file,
    tensor(name) {
      const { shape, values } = file.tensor(name);
      const constant = constants[name];
      return { shape, values: constant === undefined ? values : values.map(() => constant) };
    },
  };
}
