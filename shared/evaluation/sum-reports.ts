import type { ClassImageScores } from './image-scores.js';
import type { ClassMatches, EvaluationReport } from './match-histogram.js';
import { sumHistograms } from './score-histogram.js';

/** The report one site would have sent that held all the films that sites speak of. Sites may report different classes. */
export function sumReports(
  reports: readonly EvaluationReport[],
): Pick<EvaluationReport, 'films' | 'classes'> & { images: ClassImageScores[] } {
  return {
    films: reports.reduce((films, report) => films + (report.films ?? 0), 0),
    classes: sumByClass(
      reports.flatMap((report) => report.classes),
      sumMatches,
    ),
    images: sumByClass(
      reports.flatMap((report) => report.images ?? []),
      sumImages,
    ),
  };
}

function sumByClass<T extends { readonly class: string }>(
  entries: readonly T[],
  add: (a: T, b: T) => T,
): T[] {
  const sums = new Map<string, T>();
  for (const entry of entries) {
    const sum = sums.get(entry.class);
    sums.set(entry.class, sum === undefined ? entry : add(sum, entry));
  }
  return [...sums.values()];
}

function sumImages(a: ClassImageScores, b: ClassImageScores): ClassImageScores {
  const branch = (of: 'global' | 'local') => ({
    positive: sumHistograms([a[of].positive, b[of].positive]),
    negative: sumHistograms([a[of].negative, b[of].negative]),
  });
  return {
    class: a.class,
    positives: a.positives + b.positives,
    negatives: a.negatives + b.negatives,
    global: branch('global'),
    local: branch('local'),
  };
}

function sumMatches(a: ClassMatches, b: ClassMatches): ClassMatches {
  const entries = [...a.byIou, ...b.byIou];
  const ious = [...new Set(entries.map(({ iou }) => iou))];
  return {
    class: a.class,
    films: a.films + b.films,
    truths: a.truths + b.truths,
    byIou: ious.map((iou) => {
      const both = entries.filter((entry) => entry.iou === iou);
      return {
        iou,
        matched: sumHistograms(both.map(({ matched }) => matched)),
        unmatched: sumHistograms(both.map(({ unmatched }) => unmatched)),
      };
    }),
  };
}
