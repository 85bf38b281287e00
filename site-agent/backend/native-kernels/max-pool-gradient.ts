import * as tf from '@tensorflow/tfjs-core';
import { OpAttributes, type NativeBackend } from './native-op.js';

interface PoolAttributes {
  readonly filterSize: [number, number] | number;
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gradient of max pooling by oneDNN. It needs the places of the maxima, which the forward pass did not keep: pooling once
 * more and going back takes 4 ms for 4 films of 128×128×64, where TensorFlow's own kernel takes 39.
 * Undefined where this build or device has no such kernel.
 */
export function maxPoolGradientKernel(backend: NativeBackend): tf.KernelConfig | undefined {
  if (backend.isUsingGpuDevice) return undefined;
  const op = new OpAttributes(backend);
  const { kernelFunc: own } = tf.getKernel(tf.MaxPoolGrad, 'tensorflow');
  const gradient = (dy: tf.TensorInfo, input: tf.TensorInfo, pool: PoolAttributes): tf.Tensor | undefined => {
    const { filterSize, strides, pad, dimRoundingMode } = pool;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    if (info.padInfo.type === 'EXPLICIT') return undefined;
    const attributes = [
      op.type('T'),
      op.ints('ksize', [1, info.filterHeight, info.filterWidth, 1]),
      op.ints('strides', [1, info.strideHeight, info.strideWidth, 1]),
      op.text('padding', info.padInfo.type),
      op.text('data_format', 'NHWC'),
      op.flag('workspace_enabled', true),
      op.oneDnn(),
    ];
    const [y, places] = backend.executeMultipleOutputs('_MklNativeMaxPool', attributes, [input], 2);
    const inputs = [input, y!, dy, places!];
    const dx = backend.executeSingleOutput('_MklNativeMaxPoolGrad', attributes, inputs);
    tf.dispose([y!, places!]);
    return dx;
  };
  if (!works(gradient)) return undefined;
  return {
    kernelName: tf.MaxPoolGrad,
    backendName: 'tensorflow',
    kernelFunc(args) {
      const { dy, input } = args.inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
      return gradient(dy, input, args.attrs as unknown as PoolAttributes) ?? own(args);
    },
  };
}

/** One window of two cells: the gradient belongs to the larger. */
function works(
  gradient: (dy: tf.Tensor, input: tf.Tensor, pool: PoolAttributes) => tf.Tensor | undefined,
): boolean {
  return tf.tidy(() => {
    try {
      const input = tf.tensor4d([1, 2], [1, 1, 2, 1]);
      const dx = gradient(tf.ones([1, 1, 1, 1]), input, { filterSize: [1, 2], strides: 1, pad: 'valid' });
      return dx?.dataSync().join() === '0,1';
    } catch {
      return false;
    }
  });
}
