import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import type { Actor } from '../people/roles.js';

/**
 * Shuts a site out: its sessions and its connection end at once, an invitation that it has not used is void, and nothing that it
 * sends or has sent is counted in a round that still collects.
 * @throws {FederationError} `NOT_FOUND`
 */
export async function revokeSite(
  { database, now, disconnect, engine }: CoordinatorContext,
  site: string,
  by: Actor,
): Promise<void> {
  const at = now();
  await database.transaction(async ({ sites, uploads, audit }) => {
    if (!(await sites.revoke(site, at))) {
      throw new FederationError('NOT_FOUND', `There is no enrolled or invited site ${site} to revoke.`);
    }
    await uploads.discardHalves(site);
    await audit.append(at, 'revoke', { site, by: by.name });
  });
  disconnect(site);
  await engine.membershipChanged(site);
}
