import * as tf from '@tensorflow/tfjs-core';
import { conv2DBackpropFilterKernel } from './conv2d-backprop-filter.js';
import { unsortedSegmentSumKernel } from './unsorted-segment-sum.js';

/** Adds the kernels that training needs and the WebAssembly backend lacks. Calling it again changes nothing. */
export function registerWasmKernels(): void {
  for (const kernel of [conv2DBackpropFilterKernel, unsortedSegmentSumKernel]) {
    if (tf.getKernel(kernel.kernelName, kernel.backendName) === undefined) tf.registerKernel(kernel);
  }
}
