import { intersectionOverUnion } from '../../evaluation/box-overlap.js';
import type { Place } from './import-report.js';
import type { Mark, MarkedBox } from './source-film.js';

/**
 * How the readings of several readers of one film become one.
 * `readers`: the first of these who read the film. `fuse`: every lesion that anybody boxed; boxes of different readers
 * that overlap become their mean (weighted box fusion with equal weights). `consensus`: of those, the ones that at least
 * `readers` people boxed; what fewer saw is disputed, so neither present nor absent.
 */
export type ReaderMerge =
  | { readonly by: 'readers'; readonly names: readonly string[] }
  | { readonly by: 'fuse'; readonly overlap: number }
  | { readonly by: 'consensus'; readonly overlap: number; readonly readers: number };

/** What one reader says of one film: marks of findings, or none of them for a clean film. */
export interface ReaderMarks {
  readonly reader: string;
  readonly marks: readonly Mark[];
}

interface Cluster {
  readonly boxes: MarkedBox[];
  readonly readers: Set<string>;
  mean: MarkedBox;
  readonly at: Place;
}

/**
 * @param readings  one per reader, in the order of the table
 * @param unanimous a name that says something only when every reader gives it: "No finding"
 * @returns null when none of the wanted readers read the film
 */
export function mergeReaders(
  readings: readonly ReaderMarks[],
  merge: ReaderMerge,
  unanimous: string,
): Mark[] | null {
  if (merge.by === 'readers') {
    const chosen = merge.names.map((name) => readings.find(({ reader }) => reader === name));
    const first = chosen.find((reading) => reading !== undefined);
    return first === undefined ? null : [...first.marks];
  }
  const needed = merge.by === 'consensus' ? merge.readers : 1;
  const labels = new Set(readings.flatMap(({ marks }) => marks.map(({ label }) => label)));
  return [...labels].flatMap((label) =>
    mergeLabel(label, readings, label === unanimous ? readings.length : needed, merge.overlap),
  );
}

/** Marks under one name: fused boxes, then at most one word on the whole film. */
function mergeLabel(
  label: string,
  readings: readonly ReaderMarks[],
  needed: number,
  overlap: number,
): Mark[] {
  const clusters: Cluster[] = [];
  const saw = new Set<string>();
  let absentBy = 0;
  let at: Place | null = null;
  for (const { reader, marks } of readings) {
    for (const mark of marks.filter((entry) => entry.label === label)) {
      at ??= mark.at;
      if (mark.says === 'absent') absentBy += 1;
      else saw.add(reader);
      if (typeof mark.says === 'object') addToCluster(clusters, reader, mark.says, mark.at, overlap);
    }
  }
  const kept = clusters.filter(({ readers }) => readers.size >= needed);
  const marks: Mark[] = kept.map(({ mean, at: place }) => ({ label, says: mean, at: place }));
  const isDisputed = kept.length < clusters.length || (saw.size > 0 && saw.size < needed);
  if (at === null) return marks;
  if (isDisputed) marks.push({ label, says: 'disputed', at });
  if (saw.size >= needed && kept.length === 0) marks.push({ label, says: 'present', at });
  if (saw.size === 0 && absentBy > 0) marks.push({ label, says: 'absent', at });
  return marks;
}

/** A reader's own boxes are different lesions: they never fuse with each other. */
function addToCluster(clusters: Cluster[], reader: string, box: MarkedBox, at: Place, overlap: number): void {
  let best: Cluster | null = null;
  let most = overlap;
  for (const cluster of clusters) {
    if (cluster.readers.has(reader)) continue;
    const found = intersectionOverUnion(cluster.mean, box);
    if (found >= most) [best, most] = [cluster, found];
  }
  if (best === null) {
    clusters.push({ boxes: [box], readers: new Set([reader]), mean: box, at });
    return;
  }
  best.boxes.push(box);
  best.readers.add(reader);
  best.mean = meanOf(best.boxes);
}

/** Corners are averaged, as in Solovyev et al. 2021, eq. 2 with equal confidences. */
function meanOf(boxes: readonly MarkedBox[]): MarkedBox {
  const mean = (value: (box: MarkedBox) => number): number =>
    boxes.reduce((sum, box) => sum + value(box), 0) / boxes.length;
  return {
    x: mean(({ x }) => x),
    y: mean(({ y }) => y),
    width: mean(({ width }) => width),
    height: mean(({ height }) => height),
  };
}
