import type { GreyPlane } from '../grey-plane.js';
import type { QuarterTurns } from '../quarter-turn.js';
import { areaMean } from './area-mean.js';
import { CHEST_WEIGHTS } from './chest-weights.js';

/** Side of the grid on which a film is looked at. */
export const GRID = 16;
/** A film that scores less in every position is no frontal chest, or one that cannot be told from something else. */
export const LEAST_SCORE = 0.3;

/** How a film lies, and whether black and white are exchanged. */
export interface ChestLook {
  /** Quarter turns clockwise that would set the film upright. */
  readonly turns: QuarterTurns;
  readonly inverted: boolean;
  /** About 1 for a typical frontal chest in this position, near 0 for anything else. */
  readonly score: number;
}

/**
 * Judges a film by one linear function of the ranks of 16 × 16 mean greys, fitted to be 1 on upright frontal chest films and 0
 * on the same films turned by 90, 180 and 270 degrees (`npm run bench -- film-look`). Exchanging black and white turns
 * its sign. Ranks make it blind to the window. Mirrored films are not noticed.
 */
export function lookAtChest(plane: GreyPlane): ChestLook {
  let ranks = centredRanks(areaMean(plane, GRID, GRID));
  let best: ChestLook = { turns: 0, inverted: false, score: -1 };
  for (const turns of [0, 1, 2, 3] as const) {
    const value = ranks.reduce((sum, rank, i) => sum + rank * (CHEST_WEIGHTS[i] as number), 0);
    if (Math.abs(value) > best.score) best = { turns, inverted: value < 0, score: Math.abs(value) };
    ranks = turnedClockwise(ranks);
  }
  return best;
}

/** Ranks of the values, equal values sharing theirs, with mean 0 and length 1; all 0 for a film of one grey. */
export function centredRanks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    const value = values[order[from] as number];
    let to = from;
    while (to < order.length && values[order[to] as number] === value) to++;
    for (let i = from; i < to; i++) ranks[order[i] as number] = (from + to - values.length) / 2;
    from = to;
  }
  const length = Math.hypot(...ranks);
  return length === 0 ? ranks : ranks.map((rank) => rank / length);
}

/** A square grid, turned by 90 degrees: its left column becomes the top row. */
export function turnedClockwise(grid: Float64Array): Float64Array {
  const side = Math.sqrt(grid.length);
  return grid.map((_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    return grid[(side - 1 - column) * side + row] as number;
  });
}
