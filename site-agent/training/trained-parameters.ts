import type * as tf from '@tensorflow/tfjs-core';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import { isNative } from '../backend/native-kernels/resident-variable.js';
import type { ControlVariates } from './control-variates.js';
import { HostParameters } from './host-parameters.js';
import { ResidentParameters } from './resident-parameters.js';

/** Gradients by the automatic names of their variables, as `tf.variableGrads` returns them. */
export type Gradients = Readonly<Record<string, tf.Tensor>>;

/**
 * The parameters that a learner trains, with the optimiser's moments and the teacher's average of them. Vectors hold all
 * variables one after the other. Reading a vector gives the present numbers; who writes into one calls `restored` before
 * the next step.
 */
export interface TrainedParameters {
  /** [n] the student's. */
  readonly values: Float32Array;
  /** [n] the teacher's. */
  readonly teacher: Float32Array;
  /** [n] each: none of them, one or two, as the optimiser has. */
  readonly moments: readonly Float32Array[];
  /** Steps of the optimiser. */
  steps: number;
  /** ‖g‖₂ over all variables; not finite as soon as one gradient is not. Variables without gradient count as zero. */
  gradientNorm(gradients: Gradients): number;
  /**
   * One step of the optimiser, on the gradients whose norm was taken last. The network's variables follow.
   * @param scale factor on the gradients, from clipping
   */
  descend(gradients: Gradients, rate: number, scale: number): void;
  /** Moves the teacher: T ← d T + (1 − d) W. */
  average(decay: number): void;
  /** Brings the teacher's network up to its average. */
  writeTeacher(): void;
  /** Takes over what was written into the vectors. */
  restored(): void;
  dispose(): void;
}

/**
 * Where TensorFlow itself computes, its training ops update its own memory (`ResidentParameters`); else, and for what
 * those ops cannot do, SCAFFOLD's corrections among it, plain loops over host memory (`HostParameters`).
 * @param student whose present values are the first; the teacher starts as they are
 */
export function trainedParameters(
  plan: TrainingPlan['optimizer'],
  student: readonly tf.Variable[],
  teacher: readonly tf.Variable[],
  controls: ControlVariates | null = null,
): TrainedParameters {
  const resident = isNative() && plan.kind === 'adam' && plan.weightDecay === 0 && controls === null;
  return resident
    ? new ResidentParameters(plan, student, teacher)
    : new HostParameters(plan, student, teacher, controls);
}
