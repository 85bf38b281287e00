import type * as tf from '@tensorflow/tfjs-core';

/** One attribute of a TensorFlow op, as the addon takes it. */
export interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What the backend of the native library offers beside tfjs's own kernels: any TensorFlow op by its name. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: Readonly<
    Record<
      | 'TF_FLOAT'
      | 'TF_INT32'
      | 'TF_ATTR_TYPE'
      | 'TF_ATTR_INT'
      | 'TF_ATTR_BOOL'
      | 'TF_ATTR_STRING'
      | 'TF_ATTR_SHAPE',
      number
    >
  >;
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: tf.TensorInfo[]): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: OpAttribute[],
    inputs: tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[];
}

/** Writes attributes for one backend: it alone knows the numbers of the types. */
export class OpAttributes {
  constructor(private readonly backend: NativeBackend) {}

  /** An op's element type: float32 unless told. */
  type(name: string, type: 'TF_FLOAT' | 'TF_INT32' = 'TF_FLOAT'): OpAttribute {
    const { binding } = this.backend;
    return { name, type: binding.TF_ATTR_TYPE, value: binding[type] };
  }

  ints(name: string, value: number | readonly number[]): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_INT, value };
  }

  flag(name: string, value: boolean): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_BOOL, value };
  }

  text(name: string, value: string): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_STRING, value };
  }

  shape(name: string, value: readonly number[]): OpAttribute {
    return { name, type: this.backend.binding.TF_ATTR_SHAPE, value };
  }

  /** Selects oneDNN's own kernel of an op whose name begins with `_MklNative`. */
  oneDnn(): OpAttribute {
    return this.text('_kernel', 'MklNameChangeOp');
  }
}
