/** The thresholds of OXnet's averaged metric, AP@[.40:.75] in steps of .05 (oxnet.md D15). */
export const PAPER_IOUS: readonly number[] = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75];

/** The thresholds of COCO's averaged metric, AP@[.50:.95]. */
export const COCO_IOUS: readonly number[] = iouRange(0.5, 0.95, 0.05);

/**
 * Equal steps, both ends included, as the doubles that `numpy.linspace` gives: an overlap of exactly .6 then passes or
 * fails as it does in pycocotools. The step is stretched so that the last one ends at `to`.
 */
export function iouRange(from: number, to: number, step: number): number[] {
  const steps = Math.round((to - from) / step);
  if (steps === 0) return [from];
  const exact = (to - from) / steps;
  return Array.from({ length: steps + 1 }, (_, i) => (i === steps ? to : i * exact + from));
}

/**
 * `FROM:TO:STEP`, or thresholds with commas between them.
 * @returns rising, each once; null when the text is neither, or a threshold is not in (0, 1]
 */
export function parseIous(text: string): number[] | null {
  const parts = text.split(/[:,]/).map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [from = NaN, to = NaN, step = NaN] = parts;
  const isRange = /^[^:,]+:[^:,]+:[^:,]+$/.test(text);
  if (!isRange && text.includes(':')) return null;
  if (isRange && !(step >= 0.001 && to >= from)) return null;
  const ious = isRange ? iouRange(from, to, step) : parts;
  if (!ious.every((iou) => iou > 0 && iou <= 1)) return null;
  return [...new Set(ious)].sort((a, b) => a - b);
}

/** For people: .6 and not .6000000000000001. */
export function plainIou(iou: number): number {
  return Number(iou.toFixed(9));
}
