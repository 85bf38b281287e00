import { chain, type Layer } from './layer.js';
import { normalisedConvolution, type NormKind } from './normalised-convolution.js';
import type { ParameterScope } from './parameters.js';
import { rectifiedSum } from './rectify.js';
import type { Padding } from './sliding-correlation.js';

export interface ResidualBlockOptions {
  readonly kind: 'basic' | 'bottleneck';
  readonly norm: NormKind;
  readonly inputs: number;
  /** Channels of the block's output; a bottleneck works at a quarter of them. */
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly padding: Padding;
  /** γ of the branch's last norm before training. */
  readonly branchGain: number;
}

/**
 * max(0, shortcut(x) + branch(x)); He et al. 2016 (arXiv:1512.03385, Fig. 5). The stride of a bottleneck lies on its
 * 3×3 convolution, as in the published ImageNet weights. [B, H, W, in] → [B, H / stride, W / stride, out].
 */
export function residualBlock(scope: ParameterScope, options: ResidualBlockOptions): Layer {
  const branch = options.kind === 'basic' ? basicBranch(scope, options) : bottleneckBranch(scope, options);
  const shortcut = shortcutBranch(scope, options);
  return (x) => rectifiedSum(shortcut(x), branch(x));
}

function basicBranch(scope: ParameterScope, options: ResidualBlockOptions): Layer {
  const { norm, padding, inputs, outputs, stride, branchGain: initialGain } = options;
  return chain([
    normalisedConvolution(scope.child('conv1'), scope.child('norm1'), {
      ...{ norm, padding, kernel: 3, inputs, outputs, stride, rectified: true },
    }),
    normalisedConvolution(scope.child('conv2'), scope.child('norm2'), {
      ...{ norm, padding, kernel: 3, inputs: outputs, outputs, rectified: false, initialGain },
    }),
  ]);
}

function bottleneckBranch(scope: ParameterScope, options: ResidualBlockOptions): Layer {
  const { norm, padding, inputs, outputs, stride, branchGain: initialGain } = options;
  const inner = outputs / 4;
  return chain([
    normalisedConvolution(scope.child('conv1'), scope.child('norm1'), {
      ...{ norm, kernel: 1, inputs, outputs: inner, rectified: true },
    }),
    normalisedConvolution(scope.child('conv2'), scope.child('norm2'), {
      ...{ norm, padding, kernel: 3, inputs: inner, outputs: inner, stride, rectified: true },
    }),
    normalisedConvolution(scope.child('conv3'), scope.child('norm3'), {
      ...{ norm, kernel: 1, inputs: inner, outputs, rectified: false, initialGain },
    }),
  ]);
}

/** The identity, or a 1×1 projection where the block changes shape. */
function shortcutBranch(scope: ParameterScope, options: ResidualBlockOptions): Layer {
  const { norm, inputs, outputs, stride } = options;
  if (inputs === outputs && stride === 1) return (x) => x;
  return normalisedConvolution(scope.child('shortcut'), scope.child('shortcutNorm'), {
    ...{ norm, kernel: 1, inputs, outputs, stride, rectified: false },
  });
}
