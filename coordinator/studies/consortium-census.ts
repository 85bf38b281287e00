import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { Stores } from '../storage/stores.js';
import type { StudyRow } from '../storage/study-tables.js';
import { censusWarnings } from './census-warnings.js';

/** What the sites of a study told of their films, in the plan's order, and where they do not fit together. */
export async function consortiumCensus(
  { censuses }: Pick<Stores, 'censuses'>,
  { name: study, plan }: StudyRow,
): Promise<ConsortiumCensus> {
  const rows = await censuses.ofStudy(study);
  const sites = plan.sites.map((site) => {
    const row = rows.find((entry) => entry.site === site);
    return { site, census: row?.census ?? null, receivedAt: row?.receivedAt.toISOString() ?? null };
  });
  const told = sites.flatMap(({ site, census }) => (census === null ? [] : [{ site, census }]));
  return { study, classes: plan.classes, sites, warnings: censusWarnings(told, plan.classes) };
}
