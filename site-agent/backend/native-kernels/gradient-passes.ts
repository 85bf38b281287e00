import type * as tf from '@tensorflow/tfjs-core';
import { OpAttributes, type NativeBackend } from './native-op.js';

/** Kernels that the model looks for by name and does without where a backend has none (`model/gradient-passes.ts`). */
export function gradientPassKernels(backend: NativeBackend): tf.KernelConfig[] {
  const op = new OpAttributes(backend);
  return [
    {
      kernelName: 'ReluGrad',
      backendName: 'tensorflow',
      kernelFunc: ({ inputs }) => {
        const { dy, y } = inputs as { dy: tf.TensorInfo; y: tf.TensorInfo };
        return backend.executeSingleOutput('ReluGrad', [op.type('T')], [dy, y]);
      },
    },
    {
      kernelName: 'BiasAddGrad',
      backendName: 'tensorflow',
      kernelFunc: ({ inputs }) => {
        const attributes = [op.type('T'), op.text('data_format', 'NHWC')];
        return backend.executeSingleOutput('BiasAddGrad', attributes, [inputs['dy']!]);
      },
    },
  ];
}
