import { FederationError } from '@fedoxnet/shared/errors';
import type { CensusRequest } from '@fedoxnet/shared/protocol/census-messages';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';
import type { StudyRow } from '../storage/study-tables.js';
import { requirePart } from './require-part.js';

/**
 * Keeps what a site tells of its films for a study, or forgets it. The audit log has that it came or was taken back, not
 * what it says, so that forgetting is possible.
 * @throws {FederationError} `NOT_FOUND`, `PLAN_NOT_APPROVED`; `MESSAGE_INVALID` for classes that are not the plan's
 */
export async function storeCensus(
  { database, engine, now, announceCensus }: CoordinatorContext,
  { name: study, plan }: StudyRow,
  { name: site }: SiteRow,
  { census }: CensusRequest,
): Promise<void> {
  requirePart({ name: study, plan }, site);
  if (!engine.isApproved(study, site))
    throw new FederationError('PLAN_NOT_APPROVED', `Site ${site} has not approved the plan of ${study}.`);
  for (const split of ['train', 'val'] as const) {
    const told = census?.[split].classes.map((row) => row.class);
    if (told !== undefined && told.join('\n') !== plan.classes.join('\n'))
      throw new FederationError(
        'MESSAGE_INVALID',
        `Message census is invalid: ${split}.classes are not those of the plan of ${study}, in its order.`,
      );
  }
  const receivedAt = now();
  await database.transaction(async ({ censuses, audit }) => {
    if (census === null) await censuses.remove(study, site);
    else await censuses.put({ study, site, census, receivedAt });
    await audit.append(receivedAt, 'census', { study, site, shared: census !== null });
  });
  announceCensus(study);
}
