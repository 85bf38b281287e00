import * as tf from '@tensorflow/tfjs-core';
import type { ConstantCache } from './constant-cache.js';

/** Several maps of one batch as one list of cells: film by film, map by map, row by row, [B, 1, cells, C]. */
export interface CellList {
  /** Height and width of each map. */
  readonly maps: readonly (readonly [number, number])[];
}

/** Which cells lie under which cell of a k×k kernel, both ways; R and R′ are the cells of all films before and after. */
export interface Neighbours {
  readonly side: number;
  /** R and R′. */
  readonly inputs: number;
  readonly outputs: number;
  /** [R′ · k²] int32: for each cell of the output and each of the kernel the cell of the input, R where there is none. */
  readonly of: tf.Tensor1D;
  /** [R · k²] int32: the other way, which place of `of` takes the cell; R′ · k² where none does. */
  readonly takenBy: tf.Tensor1D;
}

/**
 * Neighbours for k×k kernels with ⌊k/2⌋ cells of padding before, over maps of the given sizes side by side. Made once per
 * batch size and geometry.
 */
export function neighbours(
  constants: ConstantCache,
  films: number,
  { maps }: CellList,
  side: number,
  stride: 1 | 2,
  before: number,
): Neighbours {
  const half = (length: number) => Math.ceil(length / stride);
  const cells = maps.reduce((sum, [height, width]) => sum + height * width, 0);
  const outputCells = maps.reduce((sum, [height, width]) => sum + half(height) * half(width), 0);
  const [inputs, outputs] = [films * cells, films * outputCells];
  const table = (): { of: Int32Array; takenBy: Int32Array } => {
    const of = new Int32Array(outputs * side * side).fill(inputs);
    const takenBy = new Int32Array(inputs * side * side).fill(outputs * side * side);
    let [place, first] = [0, 0];
    for (let film = 0; film < films; film++) {
      for (const [height, width] of maps) {
        for (let row = 0; row < half(height); row++) {
          for (let column = 0; column < half(width); column++) {
            for (let k = 0; k < side * side; k++, place++) {
              const y = row * stride - before + Math.floor(k / side);
              const x = column * stride - before + (k % side);
              if (y < 0 || y >= height || x < 0 || x >= width) continue;
              const cell = first + y * width + x;
              of[place] = cell;
              takenBy[cell * side * side + k] = place;
            }
          }
        }
        first += height * width;
      }
    }
    return { of, takenBy };
  };
  const key = `neighbours/${films}/${maps.join(';')}/${side}/${stride}/${before}`;
  return {
    ...{ side, inputs, outputs },
    of: constants.get(`${key}/of`, () => tf.tensor1d(table().of, 'int32')) as tf.Tensor1D,
    takenBy: constants.get(`${key}/by`, () => tf.tensor1d(table().takenBy, 'int32')) as tf.Tensor1D,
  };
}
