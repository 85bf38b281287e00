import { GRID, centredRanks, turnedClockwise } from '@fedoxnet/site-agent/data/inspection/chest-look';
import { areaMean } from '@fedoxnet/site-agent/data/inspection/area-mean';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';

/** Keeps weights of cells that vary together small. */
const RIDGE = 10;

/** The ranks of a film in its four positions, upright first. */
export function fourPositions(plane: GreyPlane): Float64Array[] {
  const upright = centredRanks(areaMean(plane, GRID, GRID));
  const once = turnedClockwise(upright);
  const twice = turnedClockwise(once);
  return [upright, once, twice, turnedClockwise(twice)];
}

/** Sums of the normal equations of ridge regression, film by film. */
export class ChestFit {
  private readonly size = GRID * GRID;
  private readonly products = new Float64Array(this.size * this.size);
  private readonly targets = new Float64Array(this.size);

  /** Upright shall give 1, the other positions 0. */
  add(positions: readonly Float64Array[]): void {
    const { size, products, targets } = this;
    for (const [turns, ranks] of positions.entries()) {
      for (let row = 0; row < size; row++) {
        const value = ranks[row] as number;
        if (turns === 0) targets[row] = (targets[row] as number) + value;
        for (let column = 0; column < size; column++) {
          const at = row * size + column;
          products[at] = (products[at] as number) + value * (ranks[column] as number);
        }
      }
    }
  }

  /** Weights in thousandths, [GRID · GRID]: (XᵀX + λI) w = Xᵀy by Cholesky's decomposition. */
  weights(): number[] {
    const { size } = this;
    const lower = this.products.slice();
    for (let i = 0; i < size; i++) lower[i * size + i] = (lower[i * size + i] as number) + RIDGE;
    const at = (row: number, column: number): number => lower[row * size + column] as number;
    for (let column = 0; column < size; column++) {
      for (let row = column; row < size; row++) {
        let sum = at(row, column);
        for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
        lower[row * size + column] = row === column ? Math.sqrt(sum) : sum / at(column, column);
      }
    }
    const w = this.targets.slice();
    for (let row = 0; row < size; row++) {
      for (let k = 0; k < row; k++) w[row] = (w[row] as number) - at(row, k) * (w[k] as number);
      w[row] = (w[row] as number) / at(row, row);
    }
    for (let row = size - 1; row >= 0; row--) {
      for (let k = row + 1; k < size; k++) w[row] = (w[row] as number) - at(k, row) * (w[k] as number);
      w[row] = (w[row] as number) / at(row, row);
    }
    return Array.from(w, (weight) => Math.round(weight * 1000) / 1000);
  }
}
