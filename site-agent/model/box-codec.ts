/**
 * The box code of RetinaNet (oxnet.md §1.2): for anchor centre (ax, ay), size (aw, ah) and box centre (gx, gy), size (gw, gh),
 *
 *     t = ((gx − ax) / aw, (gy − ay) / ah, log(gw / aw), log(gh / ah)) / (0.1, 0.1, 0.2, 0.2)
 *
 * All arrays are flat rows of 4; boxes and anchors are x1, y1, x2, y2 in pixels.
 */
export const BOX_CODE_SCALES = [0.1, 0.1, 0.2, 0.2] as const;

/** A decoded side is at most this many times its anchor's: keeps exp() finite for an untrained network. */
export const LARGEST_GROWTH = Math.log(1000 / 16);

/** Writes the code of box `boxIndex` relative to anchor `anchorIndex` to row `outIndex`. Sides below 1 pixel count as 1. */
export function encodeBox(
  anchors: Float32Array,
  anchorIndex: number,
  boxes: Float32Array,
  boxIndex: number,
  out: Float32Array,
  outIndex: number,
): void {
  const anchor = corners(anchors, anchorIndex);
  const box = corners(boxes, boxIndex);
  const boxWidth = Math.max(1, box.width);
  const boxHeight = Math.max(1, box.height);
  const offset = outIndex * 4;
  out[offset] = (box.centreX - anchor.centreX) / anchor.width / BOX_CODE_SCALES[0];
  out[offset + 1] = (box.centreY - anchor.centreY) / anchor.height / BOX_CODE_SCALES[1];
  out[offset + 2] = Math.log(boxWidth / anchor.width) / BOX_CODE_SCALES[2];
  out[offset + 3] = Math.log(boxHeight / anchor.height) / BOX_CODE_SCALES[3];
}

/** Writes the box that `deltas` row `deltaIndex` means at anchor `anchorIndex`, clipped to the film [0, size]², to row `outIndex`. */
export function decodeBox(
  anchors: Float32Array,
  anchorIndex: number,
  deltas: Float32Array,
  deltaIndex: number,
  size: number,
  out: Float32Array,
  outIndex: number,
): void {
  const anchor = corners(anchors, anchorIndex);
  const source = deltaIndex * 4;
  const centreX = anchor.centreX + (deltas[source] ?? 0) * BOX_CODE_SCALES[0] * anchor.width;
  const centreY = anchor.centreY + (deltas[source + 1] ?? 0) * BOX_CODE_SCALES[1] * anchor.height;
  const halfWidth = (anchor.width * growth((deltas[source + 2] ?? 0) * BOX_CODE_SCALES[2])) / 2;
  const halfHeight = (anchor.height * growth((deltas[source + 3] ?? 0) * BOX_CODE_SCALES[3])) / 2;
  const offset = outIndex * 4;
  out[offset] = clip(centreX - halfWidth, size);
  out[offset + 1] = clip(centreY - halfHeight, size);
  out[offset + 2] = clip(centreX + halfWidth, size);
  out[offset + 3] = clip(centreY + halfHeight, size);
}

/** Codes `boxes` [n · 4] relative to `anchors` [n · 4], row by row. @returns [n · 4] */
export function encodeBoxes(anchors: Float32Array, boxes: Float32Array): Float32Array {
  const codes = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length / 4; i++) encodeBox(anchors, i, boxes, i, codes, i);
  return codes;
}

/** Decodes `deltas` [n · 4] at `anchors` [n · 4], row by row. @returns [n · 4] boxes clipped to [0, size]² */
export function decodeBoxes(anchors: Float32Array, deltas: Float32Array, size: number): Float32Array {
  const boxes = new Float32Array(deltas.length);
  for (let i = 0; i < deltas.length / 4; i++) decodeBox(anchors, i, deltas, i, size, boxes, i);
  return boxes;
}

function corners(rows: Float32Array, index: number) {
  const x1 = rows[index * 4] ?? NaN;
  const y1 = rows[index * 4 + 1] ?? NaN;
  const x2 = rows[index * 4 + 2] ?? NaN;
  const y2 = rows[index * 4 + 3] ?? NaN;
  return { centreX: (x1 + x2) / 2, centreY: (y1 + y2) / 2, width: x2 - x1, height: y2 - y1 };
}

function growth(logRatio: number): number {
  return Math.exp(Math.min(logRatio, LARGEST_GROWTH));
}

function clip(coordinate: number, size: number): number {
  return Math.min(Math.max(coordinate, 0), size);
}
