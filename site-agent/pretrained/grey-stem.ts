import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';
import { FILM_NORMALISATION } from '../training/film-normalisation.js';

/** A stem's convolution [k, k, 1, O] and what it adds to each output channel [O] before the norm. */
export interface GreyStem {
  readonly kernel: WeightArray;
  readonly shift: Float64Array;
}

/**
 * A colour stem for films of one channel. A grey value g stands in all three colours, normalised as
 * z_c = (g − m_c) / d_c; one channel holds x = (g − m) / d. So z_c = x · d / d_c + (m − m_c) / d_c, and
 *
 *     Σ_c w_c ⋆ z_c = (Σ_c w_c · d / d_c) ⋆ x + Σ w_c · (m − m_c) / d_c
 *
 * the last sum over colours and window. It is exact but where the window leaves the film: the padding of the one
 * channel stands for grey m, that of the three for their own means, so up to three pixels from the edge differ a little.
 * @param stem [k, k, 3, O]
 */
export function greyStem({ shape, values }: WeightArray): GreyStem {
  const [height = 0, width = 0, colours = 0, outputs = 0] = shape;
  const grey = FILM_NORMALISATION[1];
  const colour = FILM_NORMALISATION[3];
  const kernel = new Float64Array(height * width * outputs);
  const shift = new Float64Array(outputs);
  values.forEach((value, index) => {
    const output = index % outputs;
    const c = Math.floor(index / outputs) % colours;
    const cell = Math.floor(index / (outputs * colours));
    kernel[cell * outputs + output]! += (value * grey.deviation[0]!) / colour.deviation[c]!;
    shift[output]! += (value * (grey.mean[0]! - colour.mean[c]!)) / colour.deviation[c]!;
  });
  return {
    kernel: { shape: [height, width, 1, outputs], values: Float32Array.from(kernel) },
    shift,
  };
}
