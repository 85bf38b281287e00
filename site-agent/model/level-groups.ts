import * as tf from '@tensorflow/tfjs-core';
import type { Layer } from './layer.js';
import type { CellList } from './neighbours.js';

/** Cells of a level, per film, up to which it shares the subnets' convolutions with the other small ones. */
const SMALL_LEVEL = 32;

/** The pyramid's levels as the subnets see them: large ones as they are, all small ones as one list of cells. */
export interface LevelGroups {
  readonly large: readonly tf.Tensor4D[];
  readonly small: tf.Tensor4D | null;
  readonly cells: CellList;
}

/**
 * Puts the small levels, which are the last, side by side: [B, 1, cells, C]. Three levels of 4×4, 2×2 and one cell cost a
 * subnet's convolution hardly more than one, and give its kernel one gradient instead of three to add.
 */
export function groupLevels(levels: readonly tf.Tensor4D[]): LevelGroups {
  const isSmall = ({ shape }: tf.Tensor4D) => shape[1] * shape[2] <= SMALL_LEVEL;
  const small = levels.filter(isSmall);
  const cells: CellList = { maps: small.map(({ shape }) => [shape[1], shape[2]] as const) };
  const rows = small.map((level) => {
    const [films, height, width, channels] = level.shape;
    return tf.reshape(level, [films, 1, height * width, channels]) as tf.Tensor4D;
  });
  return {
    large: levels.filter((level) => !isSmall(level)),
    small: rows.length === 0 ? null : tf.concat(rows, 2),
    cells,
  };
}

/** `subnet` over every group: the large levels, then the list of the small ones. */
export function overGroups(subnet: Layer, { large, small, cells }: LevelGroups): tf.Tensor4D[] {
  const maps = large.map((level) => subnet(level));
  return small === null ? maps : [...maps, subnet(small, cells)];
}

/** What `overGroups` gave, level by level again. */
export function perLevel(groups: readonly tf.Tensor4D[], { small, cells }: LevelGroups): tf.Tensor4D[] {
  if (small === null) return [...groups];
  const list = groups.at(-1)!;
  const [films, , , channels] = list.shape;
  const sizes = cells.maps.map(([height, width]) => height * width);
  // The gradient of a split into one piece fails.
  const pieces = sizes.length === 1 ? [list] : tf.split(list, sizes, 2);
  const levels = pieces.map(
    (level, i) => tf.reshape(level, [films, ...cells.maps[i]!, channels]) as tf.Tensor4D,
  );
  return [...groups.slice(0, -1), ...levels];
}
