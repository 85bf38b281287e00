import type { EvaluationReport } from './match-histogram.js';

/** What of a plan a report answers to. */
export interface ReportedPlan {
  readonly classes: readonly string[];
  readonly ious: readonly number[];
  readonly suppressBelow: number;
}

/**
 * What in a report does not belong to a plan: a class it does not name, or other thresholds than its own. Left in, they
 * would be counted as nothing found. Or a count so small that the plan keeps it at the site: a count of films or boxes is
 * never less than the patients behind it.
 * @returns one sentence without its stop, or null when the report fits
 */
export function whyReportMisfits(report: EvaluationReport, plan: ReportedPlan): string | null {
  const { classes, images = [], withheld } = report;
  const named = [...classes, ...images].map((entry) => entry.class);
  for (const name of [...named, ...(withheld?.detections ?? []), ...(withheld?.images ?? [])])
    if (!plan.classes.includes(name)) return `class ${name} is not in the plan`;
  for (const { class: name, byIou } of classes) {
    const isPlans = byIou.length === plan.ious.length && byIou.every(({ iou }, i) => iou === plan.ious[i]);
    if (!isPlans)
      return `class ${name} is counted at ${listed(byIou.map(({ iou }) => iou))}, not at ${listed(plan.ious)}`;
  }
  return smallCount(report, Math.max(plan.suppressBelow, withheld?.suppressBelow ?? 1));
}

const listed = (ious: readonly number[]): string => (ious.length === 0 ? 'no IoU' : `IoU ${ious.join(', ')}`);

function smallCount({ films, classes, images = [] }: EvaluationReport, below: number): string | null {
  const counts: [what: string, count: number | null][] = [
    ['films', films],
    ...classes.flatMap((entry): [string, number][] => [
      [`films read for ${entry.class}`, entry.films],
      [`true boxes of ${entry.class}`, entry.truths],
    ]),
    ...images.flatMap((entry): [string, number][] => [
      [`films with ${entry.class}`, entry.positives],
      [`films without ${entry.class}`, entry.negatives],
    ]),
  ];
  const small = counts.find(([, count]) => count !== null && count > 0 && count < below);
  return small === undefined ? null : `${small[1]} ${small[0]} must be withheld, being fewer than ${below}`;
}
