import { controlName } from '@fedoxnet/shared/weights/control-variates';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';

/**
 * SCAFFOLD at a site: Karimireddy et al. 2020, Algorithm 1, arXiv:1910.06378. Every step goes along
 *
 *   g − cᵢ + c
 *
 * with g the gradient of its mini-batch, after clipping, cᵢ the direction that this site's films have drawn to and c the mean
 * of all sites'. At the end
 *
 *   cᵢ⁺ = mean of g over the steps,   Δcᵢ = cᵢ⁺ − cᵢ
 *
 * which is the paper's option II, cᵢ − c + (x − y) / (K η), for steps of one length, and holds for a rate that changes as
 * well. The coordinator adds the mean of Δcᵢ to c (`WindowSummer`).
 */
export class ControlVariates {
  /** [n] c − cᵢ, variable behind variable. */
  private readonly correction: Float32Array;
  /** [n] Σ g: a part of the round's checkpoint. */
  readonly gradientSum: Float32Array;
  private readonly offsets = new Map<string, number>();

  /**
   * @param shapes of the trained variables, in the order of their vector
   * @param server c, as the release holds it under the controls' names; what it lacks is 0, as in the first round
   * @param own    cᵢ under the variables' names, null before the site's first update
   */
  constructor(
    private readonly shapes: ReadonlyMap<string, readonly number[]>,
    server: WeightMap,
    private readonly own: WeightMap | null,
  ) {
    let length = 0;
    for (const [name, shape] of shapes) {
      this.offsets.set(name, length);
      length += sizeOf(shape);
    }
    this.gradientSum = new Float32Array(length);
    this.correction = new Float32Array(length);
    for (const [name, offset] of this.offsets) {
      const c = server.get(controlName(name))?.values;
      const ci = own?.get(name)?.values;
      for (let i = 0; i < sizeOf(shapes.get(name)!); i++)
        this.correction[offset + i] = (c?.[i] ?? 0) - (ci?.[i] ?? 0);
    }
  }

  /** g ← scale · g − cᵢ + c, in place, and takes note of scale · g. */
  correct(gradients: Float32Array, scale: number): void {
    const { correction, gradientSum } = this;
    for (let i = 0; i < gradients.length; i++) {
      const g = gradients[i]! * scale;
      gradientSum[i]! += g;
      gradients[i] = g + correction[i]!;
    }
  }

  /**
   * @param steps that were taken; after none cᵢ stays
   * @returns cᵢ⁺ by variable
   */
  next(steps: number): Map<string, WeightArray> {
    return new Map(
      [...this.shapes].map(([name, shape]) => {
        const offset = this.offsets.get(name)!;
        const sums = this.gradientSum.subarray(offset, offset + sizeOf(shape));
        const before = this.own?.get(name)?.values ?? new Float32Array(sums.length);
        return [name, { shape, values: steps > 0 ? sums.map((sum) => sum / steps) : before.slice() }];
      }),
    );
  }

  /**
   * Δcᵢ as it travels.
   * @param next  cᵢ⁺
   * @param model tensors that have a control, in the order of the model; one that is not trained has 0
   */
  delta(next: WeightMap, model: ReadonlyMap<string, readonly number[]>): Map<string, WeightArray> {
    return new Map(
      [...model].map(([name, shape]) => {
        const before = this.own?.get(name)?.values;
        const after = next.get(name)?.values ?? new Float32Array(sizeOf(shape));
        return [controlName(name), { shape, values: after.map((value, i) => value - (before?.[i] ?? 0)) }];
      }),
    );
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
