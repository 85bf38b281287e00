import type { ModelPlan } from '@fedoxnet/shared/study/plan';

/** Height over width. With `ANCHOR_SCALES` ratio-major, scale-minor: the anchor index in a cell is ratio · 3 + scale. */
export const ANCHOR_RATIOS = [0.5, 1, 2] as const;
export const ANCHOR_SCALES = [1, 2 ** (1 / 3), 2 ** (2 / 3)] as const;
/** A: anchors per cell. */
export const ANCHORS_PER_CELL = ANCHOR_RATIOS.length * ANCHOR_SCALES.length;

/** One pyramid level's share of the anchor list. */
export interface AnchorLevel {
  /** l of P_l. */
  readonly level: number;
  /** 2^l pixels between neighbouring cells. */
  readonly stride: number;
  /** Cells per side, ⌈S / 2^l⌉. */
  readonly cells: number;
  /** Index of the level's first anchor. */
  readonly first: number;
  /** cells² · A. */
  readonly count: number;
}

export interface AnchorGrid {
  /** S: side of the film in pixels. */
  readonly size: number;
  /** N: anchors per film. */
  readonly count: number;
  readonly levels: readonly AnchorLevel[];
  /** [N · 4] x1, y1, x2, y2 in pixels; anchors may reach over the film's edge. Levels ascending, then row, column, anchor. */
  readonly boxes: Float32Array;
}

/**
 * Every anchor of a film (oxnet.md §1.2; Lin et al. 2017, arXiv:1708.02002, §4). An anchor of base size
 * b = anchorScale · 2^l · scale and ratio r is b / √r wide and b · √r high, so its area does not depend on r;
 * its centre is ((column + ½) · 2^l, (row + ½) · 2^l).
 */
export function anchorGrid(plan: Pick<ModelPlan, 'size' | 'levels' | 'anchorScale'>): AnchorGrid {
  const levels = anchorLevels(plan.size, plan.levels);
  const count = levels.reduce((sum, level) => sum + level.count, 0);
  const boxes = new Float32Array(count * 4);
  let offset = 0;
  for (const { level, stride, cells } of levels) {
    const halves = anchorHalfSizes(plan.anchorScale * 2 ** level);
    for (let row = 0; row < cells; row++) {
      for (let column = 0; column < cells; column++) {
        const centreX = (column + 0.5) * stride;
        const centreY = (row + 0.5) * stride;
        for (const [halfWidth, halfHeight] of halves) {
          boxes[offset++] = centreX - halfWidth;
          boxes[offset++] = centreY - halfHeight;
          boxes[offset++] = centreX + halfWidth;
          boxes[offset++] = centreY + halfHeight;
        }
      }
    }
  }
  return { size: plan.size, count, levels, boxes };
}

function anchorLevels(size: number, [lowest, highest]: readonly [number, number]): AnchorLevel[] {
  const levels: AnchorLevel[] = [];
  let first = 0;
  for (let level = lowest; level <= highest; level++) {
    const stride = 2 ** level;
    const cells = Math.ceil(size / stride);
    const count = cells * cells * ANCHORS_PER_CELL;
    levels.push({ level, stride, cells, first, count });
    first += count;
  }
  return levels;
}

/** [A] half width and half height of the anchors of one cell, in pixels. */
function anchorHalfSizes(base: number): [number, number][] {
  return ANCHOR_RATIOS.flatMap((ratio) =>
    ANCHOR_SCALES.map((scale): [number, number] => {
      const side = base * scale;
      return [side / Math.sqrt(ratio) / 2, (side * Math.sqrt(ratio)) / 2];
    }),
  );
}
