import * as tf from '@tensorflow/tfjs-core';
import { OpAttributes, type NativeBackend } from './native-op.js';

/**
 * Numbers that TensorFlow keeps and changes in place. tfjs knows only tensors that never change, so that a step of Adam
 * is ten ops and as many copies; TensorFlow's own training ops make it one pass over value, gradient and moments.
 * Native backends only (`isNative`).
 */
export class ResidentVariable {
  private readonly op: OpAttributes;
  private readonly handle: tf.Tensor;

  /** Takes a copy of `initial`, which stays the caller's. */
  constructor(initial: tf.Tensor) {
    this.op = new OpAttributes(native());
    const attributes = [
      this.op.type('dtype'),
      this.op.shape('shape', initial.shape),
      this.op.text('container', ''),
      this.op.text('shared_name', `resident-${nextName++}`),
    ];
    this.handle = tf.keep(native().executeSingleOutput('VarHandleOp', attributes, []));
    this.assign(initial);
  }

  assign(value: tf.Tensor): void {
    this.change('AssignVariableOp', [this.op.type('dtype')], [value]);
  }

  /** The present numbers, as a tensor that later changes do not reach. The caller disposes it. */
  read(): tf.Tensor {
    return native().executeSingleOutput('ReadVariableOp', [this.op.type('dtype')], [this.handle]);
  }

  /**
   * m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  this ← this − rate · m / (√v + ε)
   * @param numbers scalars β₁, β₂, rate and ε; a bias correction is in the last two
   */
  adam(
    first: ResidentVariable,
    second: ResidentVariable,
    numbers: Readonly<Record<'zero' | 'beta1' | 'beta2' | 'rate' | 'epsilon', tf.Scalar>>,
    gradient: tf.Tensor,
  ): void {
    const { zero, beta1, beta2, rate, epsilon } = numbers;
    // The two zeros are powers of β of the op's own bias correction, which works in float32.
    this.change('ResourceApplyAdam', this.training(true), [
      ...[first.handle, second.handle, zero, zero, rate, beta1, beta2, epsilon, gradient],
    ]);
  }

  /** this ← this − share · difference */
  subtract(share: tf.Scalar, difference: tf.Tensor): void {
    this.change('ResourceApplyGradientDescent', this.training(false), [share, difference]);
  }

  dispose(): void {
    this.change('DestroyResourceOp', [this.op.flag('ignore_lookup_error', true)], []);
    this.handle.dispose();
  }

  private change(name: string, attributes: OpAttributeList, inputs: tf.Tensor[]): void {
    native().executeMultipleOutputs(name, attributes, [this.handle, ...inputs], 0);
  }

  private training(nesterov: boolean): OpAttributeList {
    const attributes = [this.op.type('T'), this.op.flag('use_locking', false)];
    return nesterov ? [...attributes, this.op.flag('use_nesterov', false)] : attributes;
  }
}

type OpAttributeList = ReturnType<OpAttributes['type']>[];

let nextName = 0;

/** Whether the present backend runs TensorFlow's ops by name. */
export function isNative(): boolean {
  return tf.getBackend() === 'tensorflow';
}

/** Σ x² / 2 in one pass, without a map of squares. The caller disposes it. */
export function halfSquaredNorm(x: tf.Tensor): tf.Scalar {
  return native().executeSingleOutput('L2Loss', [new OpAttributes(native()).type('T')], [x]) as tf.Scalar;
}

function native(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
