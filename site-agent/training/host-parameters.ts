import type * as tf from '@tensorflow/tfjs-core';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import { FlatParameters } from './flat-parameters.js';
import { updateTeacher } from './mean-teacher.js';
import { createOptimizer, globalNorm, type Optimizer } from './optimizer.js';
import type { ControlVariates } from './control-variates.js';
import type { Gradients, TrainedParameters } from './trained-parameters.js';

/** Trained parameters in vectors on the host, each passed over once per step: for any backend and optimiser. */
export class HostParameters implements TrainedParameters {
  readonly values: Float32Array;
  readonly teacher: Float32Array;
  private readonly student: FlatParameters;
  private readonly teacherVariables: FlatParameters;
  private readonly optimizer: Optimizer;
  private readonly gradients: Float32Array;

  constructor(
    plan: TrainingPlan['optimizer'],
    student: readonly tf.Variable[],
    teacher: readonly tf.Variable[],
    private readonly controls: ControlVariates | null = null,
  ) {
    this.student = new FlatParameters(student);
    this.teacherVariables = new FlatParameters(teacher);
    this.values = this.student.values;
    this.teacher = this.teacherVariables.values;
    this.teacher.set(this.values);
    this.optimizer = createOptimizer(plan, this.values.length);
    this.gradients = new Float32Array(this.values.length);
  }

  get moments(): readonly Float32Array[] {
    return this.optimizer.moments;
  }

  get steps(): number {
    return this.optimizer.steps;
  }

  set steps(steps: number) {
    this.optimizer.steps = steps;
  }

  gradientNorm(gradients: Gradients): number {
    this.student.gather(gradients, this.gradients);
    return globalNorm(this.gradients);
  }

  descend(_gradients: Gradients, rate: number, scale: number): void {
    this.controls?.correct(this.gradients, scale);
    this.optimizer.step(this.values, this.gradients, rate, this.controls === null ? scale : 1);
    this.student.write();
  }

  average(decay: number): void {
    updateTeacher(this.teacher, this.values, decay);
  }

  writeTeacher(): void {
    this.teacherVariables.write();
  }

  restored(): void {
    this.student.write();
  }

  /** Nothing but garbage is left behind. */
  dispose(): void {}
}
