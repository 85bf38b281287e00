import * as tf from '@tensorflow/tfjs-core';
import type { Gradients } from './trained-parameters.js';

/**
 * FedProx: a site minimises its loss and μ/2 ‖w − w_global‖², so that
 *
 *   g ← g + μ (w − w_global)
 *
 * Li et al. 2020, Eq. 2, arXiv:1812.06127. A part of the objective, so it is clipped with the rest of the gradient; losses are
 * reported without it.
 */
export class ProximalTerm {
  private readonly global: readonly tf.Tensor[];

  /** @param variables whose present values are w_global */
  constructor(
    private readonly mu: number,
    private readonly variables: readonly tf.Variable[],
  ) {
    this.global = tf.tidy(() => variables.map((variable) => tf.keep(variable.clone())));
  }

  /** @returns new gradients; those given are disposed */
  addTo(gradients: Gradients): Gradients {
    const sums = this.variables.map((variable, i) => {
      const gradient = gradients[variable.name];
      const sum = tf.tidy(() => {
        const pull = tf.mul(tf.sub(variable, this.global[i]!), this.mu);
        return gradient === undefined ? pull : tf.add(gradient, pull);
      });
      return [variable.name, sum] as const;
    });
    tf.dispose(gradients);
    return Object.fromEntries(sums);
  }

  dispose(): void {
    tf.dispose([...this.global]);
  }
}
