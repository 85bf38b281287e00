/**
 * Which anchor answers for which box. Lin et al. 2017, §4.1, arXiv:1708.02002; forced match: oxnet.md D14.
 * Plain arithmetic on the host: it depends on the labels alone and runs while no gradient is taped.
 */
export const POSITIVE_IOU = 0.5;
export const NEGATIVE_IOU = 0.4;

/** Values of `AnchorMatches.box` for anchors without a box. */
export const NEGATIVE = -1;
export const IGNORED = -2;

export interface AnchorMatches {
  /** [N] index of the matched box, `NEGATIVE` or `IGNORED`. */
  readonly box: Int32Array;
  /** Number of anchors with a box. */
  readonly positives: number;
}

export interface AnchorMatchingOptions {
  /** Gives a box without an anchor of IoU ≥ 0.5 its best one. On for true boxes, off for a teacher's guesses. */
  readonly forceMatch: boolean;
}

/**
 * Matches one film. Each anchor takes the box it overlaps most: IoU ≥ 0.5 positive, IoU < 0.4 negative, between
 * ignored. With `forceMatch`, a box that no anchor took gets the free anchor it overlaps most, whatever their IoU;
 * the box with the larger IoU chooses first.
 * @param anchors [N · 4] x1, y1, x2, y2 in model pixels
 * @param boxes   [n · 4] likewise
 */
export function matchAnchors(
  anchors: Float32Array,
  boxes: Float32Array,
  { forceMatch }: AnchorMatchingOptions,
): AnchorMatches {
  const anchorCount = anchors.length / 4;
  const boxCount = boxes.length / 4;
  const box = new Int32Array(anchorCount).fill(NEGATIVE);
  const bestIou = new Float32Array(anchorCount);
  for (let b = 0; b < boxCount; b++) {
    for (let n = 0; n < anchorCount; n++) {
      const iou = intersectionOverUnion(anchors, n, boxes, b);
      if (iou > bestIou[n]!) {
        bestIou[n] = iou;
        box[n] = b;
      }
    }
  }

  const taken = new Uint8Array(boxCount);
  for (let n = 0; n < anchorCount; n++) {
    const iou = bestIou[n]!;
    if (iou >= POSITIVE_IOU) taken[box[n]!] = 1;
    else box[n] = iou < NEGATIVE_IOU ? NEGATIVE : IGNORED;
  }
  if (forceMatch && taken.includes(0)) claimFreeAnchors(anchors, boxes, box, taken);

  let positives = 0;
  for (const b of box) if (b >= 0) positives++;
  return { box, positives };
}

function claimFreeAnchors(
  anchors: Float32Array,
  boxes: Float32Array,
  box: Int32Array,
  taken: Uint8Array,
): void {
  const left = new Set([...taken.keys()].filter((b) => !taken[b]));
  while (left.size > 0) {
    let claim = { b: -1, n: -1, iou: 0 };
    for (const b of left) {
      for (let n = 0; n < box.length; n++) {
        if (box[n]! >= 0) continue;
        const iou = intersectionOverUnion(anchors, n, boxes, b);
        if (iou > claim.iou) claim = { b, n, iou };
      }
    }
    if (claim.n < 0) return; // what is left touches no free anchor
    box[claim.n] = claim.b;
    left.delete(claim.b);
  }
}

/** Of rectangle `i` of `a` and rectangle `j` of `b`, both [· · 4] x1, y1, x2, y2. */
export function intersectionOverUnion(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const [ai, bj] = [4 * i, 4 * j];
  const w = Math.min(a[ai + 2]!, b[bj + 2]!) - Math.max(a[ai]!, b[bj]!);
  if (w <= 0) return 0;
  const h = Math.min(a[ai + 3]!, b[bj + 3]!) - Math.max(a[ai + 1]!, b[bj + 1]!);
  if (h <= 0) return 0;
  const areaA = (a[ai + 2]! - a[ai]!) * (a[ai + 3]! - a[ai + 1]!);
  const areaB = (b[bj + 2]! - b[bj]!) * (b[bj + 3]! - b[bj + 1]!);
  return (w * h) / (areaA + areaB - w * h);
}
