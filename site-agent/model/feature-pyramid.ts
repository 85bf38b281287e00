import * as tf from '@tensorflow/tfjs-core';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { Backbone, StageMaps } from './backbone.js';
import { convolution } from './convolution.js';
import type { Layer } from './layer.js';
import { normalisedConvolution, type NormKind } from './normalised-convolution.js';
import type { ParameterScope } from './parameters.js';
import { rectify } from './rectify.js';

/** C2 … C5 → P_lowest … P_highest, ascending; P_l is [B, ⌈S / 2^l⌉, ⌈S / 2^l⌉, width]. */
export type FeaturePyramid = (stages: StageMaps) => tf.Tensor4D[];

/**
 * Feature pyramid of RetinaNet (Lin et al. 2017, arXiv:1612.03144 and 1708.02002; oxnet.md §1.1). From C5 downwards
 *
 *     M5 = lateral(C5),   M_l = lateral(C_l) + upsample₂(M_{l+1}),   P_l = output(M_l)
 *
 * and upwards P6 = 3×3 stride 2 on C5, P7 = 3×3 stride 2 on ReLU(P6). Tensors: `lateral{l}`, `output{l}`, `extra{l}`.
 */
export function featurePyramid(
  scope: ParameterScope,
  plan: Pick<ModelPlan, 'levels' | 'width' | 'norm'>,
  channels: Backbone['channels'],
): FeaturePyramid {
  const { width, norm } = plan;
  const [lowest, highest] = plan.levels;
  const laterals = new Map<number, Layer>();
  const outputs = new Map<number, Layer>();
  for (let level = lowest; level <= 5; level++) {
    const inputs = channels[level - 2]!;
    laterals.set(
      level,
      convolution(scope.child(`lateral${level}`), { kernel: 1, inputs, outputs: width, bias: true }),
    );
    outputs.set(level, levelConvolution(scope.child(`output${level}`), norm, width, width, 1));
  }
  const extras = new Map<number, Layer>();
  for (let level = 6; level <= highest; level++) {
    const inputs = level === 6 ? channels[3] : width;
    extras.set(level, levelConvolution(scope.child(`extra${level}`), norm, inputs, width, 2));
  }

  return (stages) => {
    const pyramid: tf.Tensor4D[] = [];
    let merged: tf.Tensor4D | undefined;
    for (let level = 5; level >= lowest; level--) {
      const lateral = laterals.get(level)!(stages[level - 2]!);
      merged = merged === undefined ? lateral : tf.add(lateral, upsample(merged, lateral.shape));
      pyramid.unshift(outputs.get(level)!(merged));
    }
    let top = stages[3];
    for (const [level, extra] of extras) {
      top = extra(level === 6 ? top : rectify(top));
      pyramid.push(top);
    }
    return pyramid;
  };
}

/**
 * The 3×3 convolution that makes a level. The paper's has a bias and no norm, which needs a pretrained backbone; a
 * network trained from scratch (`group`) has a group norm in its place, without which the boxes learn half as fast.
 */
function levelConvolution(
  scope: ParameterScope,
  norm: NormKind,
  inputs: number,
  outputs: number,
  stride: 1 | 2,
): Layer {
  const geometry = { kernel: 3, inputs, outputs, stride };
  if (norm === 'frozen') return convolution(scope, { ...geometry, padding: 'symmetric', bias: true });
  return normalisedConvolution(scope, scope.child('norm'), { ...geometry, norm, rectified: false });
}

/** Each cell repeated until the map is as large as `shape`: nearest neighbour. */
function upsample(x: tf.Tensor4D, [, height, width]: tf.Tensor4D['shape']): tf.Tensor4D {
  return tf.image.resizeNearestNeighbor(x, [height, width]);
}
