import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import type { Actor } from '../people/roles.js';

/**
 * Shuts a site out: its sessions and its connection end at once, and an invitation that it has not used is void.
 * @throws {FederationError} `NOT_FOUND`
 */
export async function revokeSite(
  { database, now, disconnect }: CoordinatorContext,
  site: string,
  by: Actor,
): Promise<void> {
  const at = now();
  await database.transaction(async ({ sites, audit }) => {
    if (!(await sites.revoke(site, at))) {
      throw new FederationError('NOT_FOUND', `There is no enrolled or invited site ${site} to revoke.`);
    }
    await audit.append(at, 'revoke', { site, by: by.name });
  });
  disconnect(site);
}
