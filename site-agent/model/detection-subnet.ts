import { ANCHORS_PER_CELL } from './anchors.js';
import { convolution } from './convolution.js';
import { constant, zeros } from './initialisers.js';
import { chain, type Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';

/** π of Lin et al. 2017 §4.1: what a fresh class subnet predicts everywhere, so that the many negatives cost little. */
export const CLASS_PRIOR = 0.01;

export interface SubnetPlan {
  readonly width: number;
  readonly headDepth: number;
}

/** Box subnet, shared by all levels: [B, h, w, width] → [B, h, w, 4A] code of each anchor's box, zero when fresh. */
export function boxSubnet(scope: ParameterScope, plan: SubnetPlan): Layer {
  return chain([
    tower(scope, plan),
    convolution(scope.child('output'), {
      kernel: 3,
      inputs: plan.width,
      outputs: 4 * ANCHORS_PER_CELL,
      bias: true,
      kernelInitialiser: zeros,
    }),
  ]);
}

/**
 * Class subnet, shared by all levels: [B, h, w, width] → [B, h, w, A·K] scores before the sigmoid; channel a·K + c is
 * class c at anchor a. Fresh: −log((1 − π) / π) everywhere.
 */
export function classSubnet(scope: ParameterScope, plan: SubnetPlan, classCount: number): Layer {
  return chain([
    tower(scope, plan),
    convolution(scope.child('output'), {
      kernel: 3,
      inputs: plan.width,
      outputs: ANCHORS_PER_CELL * classCount,
      bias: true,
      kernelInitialiser: zeros,
      biasInitialiser: constant(-Math.log((1 - CLASS_PRIOR) / CLASS_PRIOR)),
      classOutputs: true,
    }),
  ]);
}

/**
 * `conv1` … `conv{headDepth}`: 3×3 convolutions with bias and ReLU. No norm, also when trained from scratch: the
 * pyramid's own is enough, and a norm per level here would be a third of the step's ops.
 */
function tower(scope: ParameterScope, { width, headDepth }: SubnetPlan): Layer {
  return chain(
    Array.from({ length: headDepth }, (_, index) =>
      convolution(scope.child(`conv${index + 1}`), {
        ...{ kernel: 3, inputs: width, outputs: width, bias: true, rectified: true },
      }),
    ),
  );
}
