import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradient of `gather`: row s of the result is the sum of the rows of `x` whose segment is s. A scatter adds what
 * falls on the same row. x [n, …], segmentIds [n] → [numSegments, …].
 */
function unsortedSegmentSum(args: {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs?: tf.NamedAttrMap;
}): tf.TensorInfo {
  const { x, segmentIds } = args.inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
  const { numSegments } = args.attrs as unknown as tf.UnsortedSegmentSumAttrs;
  return tf.tidy(() => {
    const rows = tf.expandDims(segmentIds as tf.Tensor1D, 1);
    return tf.scatterND(rows, x as tf.Tensor, [numSegments, ...x.shape.slice(1)]);
  });
}

export const unsortedSegmentSumKernel: tf.KernelConfig = {
  kernelName: tf.UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: unsortedSegmentSum,
};
