import type { CrossSite } from '../protocol/cross-site.js';
import { classScoresOf } from './class-scores.js';
import type { EvaluationReport } from './match-histogram.js';
import type { ReportedPlan } from './report-fits-plan.js';
import { sumReports } from './sum-reports.js';

/**
 * The scores of a round's release at every site of the plan and over all of them.
 * @param reports of each site, in the plan's order; null where none came
 */
export function crossSiteScores(
  round: number,
  reports: readonly { readonly site: string; readonly report: EvaluationReport | null }[],
  { classes, ious, suppressBelow }: ReportedPlan,
): CrossSite {
  const sum = sumReports(reports.flatMap(({ report }) => report ?? []));
  return {
    round,
    suppressBelow,
    sites: reports.map(({ site, report }) => ({
      site,
      classes: report === null ? null : classScoresOf(report, classes, ious),
    })),
    pooled: classScoresOf(sum, classes, ious),
  };
}
