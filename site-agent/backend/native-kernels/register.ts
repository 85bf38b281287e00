import * as tf from '@tensorflow/tfjs-core';
import { fusedConvolutionKernel } from './fused-convolution.js';
import { gradientPassKernels } from './gradient-passes.js';
import { maxPoolGradientKernel } from './max-pool-gradient.js';
import type { NativeBackend } from './native-op.js';
import { pointwiseGradientKernels } from './pointwise-gradients.js';

let registered = false;

/** Replaces kernels of the native backend by faster ones and adds those it lacks. Once per process. */
export function registerNativeKernels(): void {
  if (registered) return;
  registered = true;
  const backend = tf.backend() as unknown as NativeBackend;
  const kernels = [
    fusedConvolutionKernel(backend),
    ...pointwiseGradientKernels(),
    ...gradientPassKernels(backend),
    maxPoolGradientKernel(backend),
  ];
  for (const kernel of kernels) {
    if (kernel === undefined) continue;
    if (tf.getKernel(kernel.kernelName, kernel.backendName) !== undefined) {
      tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    }
    tf.registerKernel(kernel);
  }
}
