import * as tf from '@tensorflow/tfjs-core';
import { OpAttributes, type NativeBackend, type OpAttribute } from './native-op.js';

interface FusedConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly activation: 'linear' | 'relu';
}

/**
 * x [B, H, W, in] ⋆ filter [k, k, in, out] + bias [out], then ReLU when asked. oneDNN adds the bias while the products are
 * still in registers; the package's own kernel makes another pass over the map for it, which takes a third as long as
 * a 1×1 convolution from 64 to 256 channels.
 */
export function fusedConvolutionKernel(backend: NativeBackend): tf.KernelConfig {
  const op = new OpAttributes(backend);
  const withBias = addsBiasItself(backend);

  return {
    kernelName: tf.FusedConv2D,
    backendName: 'tensorflow',
    kernelFunc({ inputs, attrs }) {
      const { x, filter, bias } = inputs as unknown as {
        x: tf.Tensor4D;
        filter: tf.Tensor4D;
        bias?: tf.Tensor1D;
      };
      const { strides, pad, dimRoundingMode, activation } = attrs as unknown as FusedConvolutionAttributes;
      const info = tf.backend_util.computeConv2DInfo(x.shape, filter.shape, strides, 1, pad, dimRoundingMode);
      const attributes = convolutionAttributes(op, info);
      let y: tf.Tensor;
      if (bias === undefined) {
        y = backend.executeSingleOutput('Conv2D', attributes, [x, filter]);
      } else if (withBias) {
        const oneDnn = [...attributes, op.oneDnn()];
        y = backend.executeSingleOutput('_MklNativeConv2DWithBias', oneDnn, [x, filter, bias]);
      } else {
        const sums = backend.executeSingleOutput('Conv2D', attributes, [x, filter]);
        const bare = [op.type('T'), op.text('data_format', 'NHWC')];
        y = backend.executeSingleOutput('BiasAdd', bare, [sums, bias]);
        sums.dispose();
      }
      if (activation === 'linear') return y;
      const rectified = backend.executeSingleOutput('Relu', [op.type('T')], [y]);
      y.dispose();
      return rectified;
    },
  };
}

function convolutionAttributes(op: OpAttributes, info: tf.backend_util.Conv2DInfo): OpAttribute[] {
  const { padInfo, strideHeight, strideWidth } = info;
  const attributes = [
    op.type('T'),
    op.ints('strides', [1, strideHeight, strideWidth, 1]),
    op.text('padding', padInfo.type),
    op.text('data_format', 'NHWC'),
    op.ints('dilations', [1, 1, 1, 1]),
    op.flag('use_cudnn_on_gpu', true),
  ];
  if (padInfo.type === 'EXPLICIT') {
    const { top, bottom, left, right } = padInfo;
    attributes.push(op.ints('explicit_paddings', [0, 0, top, bottom, left, right, 0, 0]));
  }
  return attributes;
}

/** Whether this build of TensorFlow has oneDNN's convolution with bias for this device: asked by running it once. */
function addsBiasItself(backend: NativeBackend): boolean {
  if (backend.isUsingGpuDevice) return false;
  const op = new OpAttributes(backend);
  return tf.tidy(() => {
    const [x, filter, bias] = [tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 1]), tf.ones([1])];
    const info = tf.backend_util.computeConv2DInfo([1, 1, 1, 1], [1, 1, 1, 1], 1, 1, 'same');
    try {
      const attributes = [...convolutionAttributes(op, info), op.oneDnn()];
      const y = backend.executeSingleOutput('_MklNativeConv2DWithBias', attributes, [x, filter, bias]);
      return y.dataSync()[0] === 2;
    } catch {
      return false;
    }
  });
}
