import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradient of a convolution with respect to its kernel, written as matrix products. For each offset (i, j) of the
 * kernel, with X_ij [B·H'·W', in] the cells of the padded input which that offset meets,
 *
 *     dK[i, j] = X_ijᵀ · dY      [in, B·H'·W'] × [B·H'·W', out]
 *
 * x [B, H, W, in], dy [B, H', W', out] → [k, k, in, out].
 */
function conv2DBackpropFilter(args: {
  readonly inputs: tf.NamedTensorInfoMap;
  readonly attrs?: tf.NamedAttrMap;
}): tf.TensorInfo {
  const { x, dy } = args.inputs as { x: tf.TensorInfo; dy: tf.TensorInfo };
  const { strides, pad, dimRoundingMode, filterShape } =
    args.attrs as unknown as tf.Conv2DBackpropFilterAttrs;
  const info = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
  return tf.tidy(() => {
    // Channels first: then each X_ijᵀ is a plain reshape.
    const channelsFirst = tf.transpose(x as tf.Tensor4D, [3, 0, 1, 2]); // [in, B, H, W]
    const neededHeight = strideHeight * (outHeight - 1) + filterHeight;
    const neededWidth = strideWidth * (outWidth - 1) + filterWidth;
    const padded = tf.pad(channelsFirst, [
      [0, 0],
      [0, 0],
      [padInfo.top, Math.max(0, neededHeight - inHeight - padInfo.top)],
      [padInfo.left, Math.max(0, neededWidth - inWidth - padInfo.left)],
    ]);
    const cells = batchSize * outHeight * outWidth;
    const rows = tf.reshape(dy as tf.Tensor4D, [cells, outChannels]);
    const offsets: tf.Tensor2D[] = [];
    for (let i = 0; i < filterHeight; i++) {
      for (let j = 0; j < filterWidth; j++) {
        const met = tf.stridedSlice(
          padded,
          [0, 0, i, j],
          [
            inChannels,
            batchSize,
            i + strideHeight * (outHeight - 1) + 1,
            j + strideWidth * (outWidth - 1) + 1,
          ],
          [1, 1, strideHeight, strideWidth],
        );
        offsets.push(tf.matMul(tf.reshape(met, [inChannels, cells]), rows));
      }
    }
    return tf.reshape(tf.concat(offsets, 0), filterShape);
  });
}

export const conv2DBackpropFilterKernel: tf.KernelConfig = {
  kernelName: tf.Conv2DBackpropFilter,
  backendName: 'wasm',
  kernelFunc: conv2DBackpropFilter,
};
