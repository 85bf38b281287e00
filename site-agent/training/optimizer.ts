import type { TrainingPlan } from '@fedoxnet/shared/study/plan';

export const ADAM_BETA1 = 0.9;
export const ADAM_BETA2 = 0.999;
/** When the plan names none. */
export const ADAM_EPSILON = 1e-8;
export const SGD_MOMENTUM = 0.9;

/**
 * One pass of gradient descent over all parameters at once. Its state is plain arrays, so a checkpoint is a copy of them.
 * A parameter whose gradient is exactly zero and whose moments are too is not touched, not even by weight decay: what a site
 * has no evidence for stays as it was.
 */
export interface Optimizer {
  /** Steps taken. */
  steps: number;
  /** One array per moment, each as long as the parameters. */
  readonly moments: readonly Float32Array[];
  /**
   * Updates `values` in place.
   * @param scale factor on the gradients, from clipping
   */
  step(values: Float32Array, gradients: Float32Array, rate: number, scale: number): void;
}

export function createOptimizer(plan: TrainingPlan['optimizer'], length: number): Optimizer {
  return plan.kind === 'adam'
    ? new Adam(length, plan.weightDecay, plan.epsilon)
    : new Sgd(length, plan.weightDecay, plan.momentum, plan.nesterov);
}

/** Kingma and Ba 2015, Algorithm 1, arXiv:1412.6980; weight decay decoupled as in arXiv:1711.05101. */
class Adam implements Optimizer {
  steps = 0;
  readonly moments: readonly [Float32Array, Float32Array];

  constructor(
    length: number,
    private readonly weightDecay: number,
    private readonly epsilon = ADAM_EPSILON,
  ) {
    this.moments = [new Float32Array(length), new Float32Array(length)];
  }

  step(values: Float32Array, gradients: Float32Array, rate: number, scale: number): void {
    const [first, second] = this.moments;
    this.steps++;
    const stepSize = rate / (1 - ADAM_BETA1 ** this.steps);
    const secondScale = 1 / (1 - ADAM_BETA2 ** this.steps);
    const shrink = 1 - rate * this.weightDecay;
    const epsilon = this.epsilon;
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i]! * scale;
      const m = ADAM_BETA1 * first[i]! + (1 - ADAM_BETA1) * g;
      const v = ADAM_BETA2 * second[i]! + (1 - ADAM_BETA2) * g * g;
      first[i] = m;
      second[i] = v;
      if (v > 0) {
        values[i] = shrink * values[i]! - (stepSize * m) / (Math.sqrt(v * secondScale) + epsilon);
      }
    }
  }
}

/**
 * Stochastic gradient descent with momentum: u ← μ u + g, w ← w − rate · u; Nesterov's form steps by g + μ u instead
 * (Sutskever et al. 2013, as PyTorch writes it). Weight decay decoupled.
 */
class Sgd implements Optimizer {
  steps = 0;
  readonly moments: readonly [Float32Array];

  constructor(
    length: number,
    private readonly weightDecay: number,
    private readonly momentum = SGD_MOMENTUM,
    private readonly nesterov = false,
  ) {
    this.moments = [new Float32Array(length)];
  }

  step(values: Float32Array, gradients: Float32Array, rate: number, scale: number): void {
    const [velocity] = this.moments;
    const { momentum, nesterov } = this;
    this.steps++;
    const shrink = 1 - rate * this.weightDecay;
    for (let i = 0; i < values.length; i++) {
      const g = gradients[i]! * scale;
      const u = momentum * velocity[i]! + g;
      velocity[i] = u;
      const move = nesterov ? g + momentum * u : u;
      if (move !== 0) values[i] = shrink * values[i]! - rate * move;
    }
  }
}

/** ‖g‖₂ in float64; not finite as soon as one gradient is not. */
export function globalNorm(gradients: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < gradients.length; i++) sum += gradients[i]! * gradients[i]!;
  return Math.sqrt(sum);
}

/** Factor that brings a gradient of this norm down to `clipNorm`: min(1, clipNorm / norm). */
export function clipScale(norm: number, clipNorm: number): number {
  return norm > clipNorm ? clipNorm / norm : 1;
}
