import type { ClassMatches, EvaluationReport, ScoreHistogram } from './match-histogram.js';

/** The report one site would have sent that held all the films. Sites may report different classes. */
export function sumReports(reports: readonly EvaluationReport[]): EvaluationReport {
  const classes = new Map<string, ClassMatches>();
  for (const entry of reports.flatMap((report) => report.classes)) {
    const sum = classes.get(entry.class);
    classes.set(entry.class, sum === undefined ? entry : sumClass(sum, entry));
  }
  return {
    films: reports.reduce((films, report) => films + report.films, 0),
    classes: [...classes.values()],
  };
}

function sumClass(a: ClassMatches, b: ClassMatches): ClassMatches {
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

/** One histogram with rising bins. */
function sumHistograms(histograms: readonly ScoreHistogram[]): [number, number][] {
  const counts = new Map<number, number>();
  for (const [bin, count] of histograms.flat()) counts.set(bin, (counts.get(bin) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}
