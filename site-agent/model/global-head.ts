import { convolution } from './convolution.js';
import { zeros } from './initialisers.js';
import type { Layer } from './layer.js';
import type { ParameterScope } from './parameters.js';

/**
 * Global classification head (oxnet.md §1.5): class activation maps X = 1×1 convolution of C5, without bias.
 * [B, h, w, D] → [B, h, w, K]. Zero when fresh, which keeps the first steps' gradients small.
 */
export function globalHead(scope: ParameterScope, featureChannels: number, classCount: number): Layer {
  return convolution(scope, {
    kernel: 1,
    inputs: featureChannels,
    outputs: classCount,
    kernelInitialiser: zeros,
    classOutputs: true,
  });
}
