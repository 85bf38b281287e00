import type { EvaluationReport } from './match-histogram.js';

/**
 * What in a report does not belong to a plan: a class it does not name, or other thresholds than its own. Left in, they
 * would be counted as nothing found.
 * @returns one sentence without its stop, or null when the report fits
 */
export function whyReportMisfits(
  report: EvaluationReport,
  plan: { readonly classes: readonly string[]; readonly ious: readonly number[] },
): string | null {
  for (const { class: name, byIou } of report.classes) {
    if (!plan.classes.includes(name)) return `class ${name} is not in the plan`;
    const isPlans = byIou.length === plan.ious.length && byIou.every(({ iou }, i) => iou === plan.ious[i]);
    if (!isPlans)
      return `class ${name} is counted at ${listed(byIou.map(({ iou }) => iou))}, not at ${listed(plan.ious)}`;
  }
  return null;
}

const listed = (ious: readonly number[]): string => (ious.length === 0 ? 'no IoU' : `IoU ${ious.join(', ')}`);
