import * as tf from '@tensorflow/tfjs-core';
import { convolutionInfo, fitMap, type ConvolutionAttributes } from './convolution-geometry.js';

/**
 * Gradient of a convolution with respect to its kernel, as another convolution: films and channels change places,
 * the films become the channels that are summed over, and dy, its cells `stride` apart, becomes the kernel:
 *
 *     dK[i, j] = Σ_{b, r, c} X[b, s·r + i, s·c + j] · dY[b, r, c]
 *
 * x [B, H, W, in], dy [B, H', W', out] → [k, k, in, out].
 */
function conv2DBackpropFilter(args: {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs?: tf.NamedAttrMap;
}): tf.TensorInfo {
  const { x, dy } = args.inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
  const attributes = args.attrs as unknown as ConvolutionAttributes & { filterShape: number[] };
  const info = convolutionInfo(x.shape, attributes.filterShape, attributes);
  const { outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  return tf.tidy(() => {
    const input = fitMap(
      tf.transpose(x, [3, 1, 2, 0]), // [in, H, W, B]
      [padInfo.top, padInfo.left],
      [strideHeight * (outHeight - 1) + filterHeight, strideWidth * (outWidth - 1) + filterWidth],
    );
    const kernel = tf.transpose(dy, [1, 2, 0, 3]); // [H', W', B, out]
    const gradient = tf.conv2d(input, kernel, 1, 'valid', 'NHWC', [strideHeight, strideWidth]);
    return tf.transpose(gradient, [1, 2, 0, 3]); // [in, k, k, out] → [k, k, in, out]
  });
}

export const conv2DBackpropFilterKernel: tf.KernelConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: conv2DBackpropFilter,
};
