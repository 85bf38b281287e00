import type { Stores } from '../storage/stores.js';
import type { StudyRow } from '../storage/study-tables.js';

type ApprovedPlan = Pick<StudyRow, 'name' | 'planHash'>;

/** Sites whose approval of the plan holds: they approved this very plan, and were not revoked. */
export async function approvedSites(
  { studies, sites }: Stores,
  { name, planHash }: ApprovedPlan,
): Promise<Set<string>> {
  const [approvals, rows] = await Promise.all([studies.approvals(name), sites.all()]);
  const revoked = new Set(rows.filter(({ revokedAt }) => revokedAt !== null).map((row) => row.name));
  const holding = approvals.filter(({ site, hash }) => hash === planHash && !revoked.has(site));
  return new Set(holding.map(({ site }) => site));
}

/** The same of one site. */
export async function holdsApproval(
  { studies, sites }: Stores,
  { name, planHash }: ApprovedPlan,
  site: string,
): Promise<boolean> {
  const [approval, row] = await Promise.all([studies.approvalOf(name, site), sites.find(site)]);
  return approval?.hash === planHash && row?.revokedAt === null;
}
