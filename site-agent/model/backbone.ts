import * as tf from '@tensorflow/tfjs-core';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { chain, type Layer } from './layer.js';
import { normalisedConvolution } from './normalised-convolution.js';
import type { ParameterScope } from './parameters.js';
import { residualBlock } from './residual-block.js';
import { padBefore, type Padding } from './sliding-correlation.js';

/** C2 … C5: the outputs of the four stages, at strides 4, 8, 16 and 32. */
export type StageMaps = readonly [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
type Four = readonly [number, number, number, number];

export interface Backbone {
  /** Channels of C2 … C5. The last is D, the length of a prototype. */
  readonly channels: Four;
  /** [B, S, S, channels] → C2 … C5. */
  run(images: tf.Tensor4D): StageMaps;
}

interface Architecture {
  readonly block: 'basic' | 'bottleneck';
  readonly stemKernel: number;
  readonly stemChannels: number;
  /** 3×3 max pooling after the stem; without it the first stage halves the map instead. */
  readonly pooled: boolean;
  readonly channels: Four;
  readonly blocks: Four;
  readonly padding: Padding;
}

const BASIC = {
  block: 'basic',
  stemKernel: 7,
  stemChannels: 64,
  pooled: true,
  padding: 'symmetric',
} as const;
const BASIC_CHANNELS = [64, 128, 256, 512] as const;
const BOTTLENECK_CHANNELS = [256, 512, 1024, 2048] as const;

/**
 * ResNet-18 … 101 are those of He et al. 2016 (arXiv:1512.03385, Table 1). `tiny` is ours: one basic block per stage,
 * for films of 128–256 pixels on a CPU; channels in multiples of 16, which oneDNN computes at twice the rate of others.
 */
const ARCHITECTURES: Readonly<Record<ModelPlan['backbone'], Architecture>> = {
  tiny: {
    ...{ block: 'basic', stemKernel: 3, stemChannels: 16, pooled: false, padding: 'same' },
    channels: [32, 64, 96, 128],
    blocks: [1, 1, 1, 1],
  },
  resnet18: { ...BASIC, channels: BASIC_CHANNELS, blocks: [2, 2, 2, 2] },
  resnet34: { ...BASIC, channels: BASIC_CHANNELS, blocks: [3, 4, 6, 3] },
  resnet50: { ...BASIC, block: 'bottleneck', channels: BOTTLENECK_CHANNELS, blocks: [3, 4, 6, 3] },
  resnet101: { ...BASIC, block: 'bottleneck', channels: BOTTLENECK_CHANNELS, blocks: [3, 4, 23, 3] },
};

/** D: channels of C5, the length of a prototype. */
export function featureChannels(backbone: ModelPlan['backbone']): number {
  return ARCHITECTURES[backbone].channels[3];
}

/** Declares the backbone's tensors under `scope`: `stem`, then `stage1` … `stage4` with `block1` … */
export function backbone(
  scope: ParameterScope,
  plan: Pick<ModelPlan, 'backbone' | 'channels' | 'norm'>,
): Backbone {
  const architecture = ARCHITECTURES[plan.backbone];
  const stem = stemLayers(scope, plan, architecture);
  const inputs = [architecture.stemChannels, ...architecture.channels] as const;
  const stages = ([0, 1, 2, 3] as const).map((index) =>
    stage(scope.child(`stage${index + 1}`), plan.norm, architecture, index, inputs[index]),
  ) as [Layer, Layer, Layer, Layer];
  return {
    channels: architecture.channels,
    run(images) {
      const c2 = stages[0](stem(images));
      const c3 = stages[1](c2);
      const c4 = stages[2](c3);
      return [c2, c3, c4, stages[3](c4)];
    },
  };
}

function stemLayers(
  scope: ParameterScope,
  plan: Pick<ModelPlan, 'channels' | 'norm'>,
  { stemKernel, stemChannels, padding, pooled }: Architecture,
): Layer {
  const stem = scope.child('stem');
  const convolution = normalisedConvolution(stem.child('conv'), stem.child('norm'), {
    norm: plan.norm,
    kernel: stemKernel,
    inputs: plan.channels,
    outputs: stemChannels,
    stride: 2,
    padding,
    rectified: true,
    entrance: true,
  });
  // What precedes the pooling is never negative, so the zeros of the padding never win.
  return pooled ? (x) => tf.maxPool(padBefore(convolution(x), 3), 3, 2, 'valid') : convolution;
}

function stage(
  scope: ParameterScope,
  norm: ModelPlan['norm'],
  architecture: Architecture,
  index: 0 | 1 | 2 | 3,
  inputs: number,
): Layer {
  const outputs = architecture.channels[index];
  const allBlocks = architecture.blocks.reduce((sum, blocks) => sum + blocks, 0);
  // A branch that starts at zero (group) or small (frozen, until pretrained weights come) keeps a fresh, deep
  // network from blowing up its activations (oxnet.md D11).
  const branchGain = norm === 'group' ? 0 : 1 / Math.sqrt(allBlocks);
  const halves = index > 0 || !architecture.pooled;
  return chain(
    Array.from({ length: architecture.blocks[index] }, (_, block) =>
      residualBlock(scope.child(`block${block + 1}`), {
        kind: architecture.block,
        norm,
        inputs: block === 0 ? inputs : outputs,
        outputs,
        stride: block === 0 && halves ? 2 : 1,
        padding: architecture.padding,
        branchGain,
      }),
    ),
  );
}
