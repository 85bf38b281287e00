import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { convolution } from './convolution.js';
import { frozenConvolution } from './frozen-norm.js';
import { groupNorm } from './group-norm.js';
import { constant } from './initialisers.js';
import { chain, type Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';
import type { Padding } from './sliding-correlation.js';

export type NormKind = ModelPlan['norm'];

export interface NormalisedConvolutionOptions {
  readonly norm: NormKind;
  /** k: side of the kernel. */
  readonly kernel: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride?: 1 | 2;
  readonly padding?: Padding;
  readonly rectified: boolean;
  /** As for a plain convolution. */
  readonly entrance?: boolean;
  /** γ before training (group) or before pretrained weights are loaded (frozen). Default 1. */
  readonly initialGain?: number;
}

/** A backbone's convolution without bias, its norm, and ReLU if `rectified`. Tensors lie under `conv` and `norm`. */
export function normalisedConvolution(
  conv: ParameterScope,
  norm: ParameterScope,
  options: NormalisedConvolutionOptions,
): Layer {
  const { initialGain = 1, rectified, norm: kind, ...geometry } = options;
  if (kind === 'frozen') return frozenConvolution(conv, norm, { ...geometry, rectified, initialGain });
  return chain([
    convolution(conv, geometry),
    groupNorm(norm, options.outputs, { rectified, gain: constant(initialGain) }),
  ]);
}
