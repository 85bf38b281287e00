import * as tf from '@tensorflow/tfjs-core';
import { conv2DBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { conv2DBackpropInputKernel } from './conv2d-backprop-input.js';
import { unsortedSegmentSumKernel } from './unsorted-segment-sum.js';

/** Adds the kernels that training needs and the WebAssembly backend lacks, and a faster one for the one it has. */
export function registerWasmKernels(): void {
  for (const kernel of [conv2DBackpropFilterKernel, conv2DBackpropInputKernel, unsortedSegmentSumKernel]) {
    const present = tf.getKernel(kernel.kernelName, kernel.backendName);
    if (present?.kernelFunc === kernel.kernelFunc) continue;
    if (present !== undefined) tf.unregisterKernel(kernel.kernelName, kernel.backendName);
    tf.registerKernel(kernel);
  }
}
