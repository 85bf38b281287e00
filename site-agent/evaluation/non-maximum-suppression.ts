/**
 * Greedy non-maximum suppression of one class on one film: the best box stays, boxes that overlap it go, and so on.
 * @param boxes  [n · 4] x1, y1, x2, y2
 * @param scores [n]
 * @param iou    a box goes when its overlap with a better one is above this
 * @param limit  at most so many boxes stay
 * @returns indexes of the boxes that stay, best first; of equal scores the lower index is the better one
 */
export function suppressNonMaxima(
  boxes: Float32Array,
  scores: ArrayLike<number>,
  iou: number,
  limit: number,
): number[] {
  const order = Array.from({ length: scores.length }, (_, index) => index).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  const kept: number[] = [];
  for (const candidate of order) {
    if (kept.length >= limit) break;
    if (kept.every((better) => overlap(boxes, better, candidate) <= iou)) kept.push(candidate);
  }
  return kept;
}

function overlap(boxes: Float32Array, i: number, j: number): number {
  const at = (index: number, side: number): number => boxes[index * 4 + side] as number;
  const width = Math.min(at(i, 2), at(j, 2)) - Math.max(at(i, 0), at(j, 0));
  const height = Math.min(at(i, 3), at(j, 3)) - Math.max(at(i, 1), at(j, 1));
  if (width <= 0 || height <= 0) return 0;
  const area = (index: number): number => (at(index, 2) - at(index, 0)) * (at(index, 3) - at(index, 1));
  const both = width * height;
  return both / (area(i) + area(j) - both);
}
