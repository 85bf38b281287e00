import { FederationError } from '@fedoxnet/shared/errors';
import type { Stores } from '../storage/stores.js';

/**
 * What rests on a signature that was checked a moment ago is stored in one transaction with this asked first.
 * @throws {FederationError} `SIGNATURE_INVALID` when the site's key was replaced or the site revoked in between
 */
export async function requireHeldKey({ sites }: Stores, site: string, signKey: string): Promise<void> {
  if (await sites.holdsKey(site, signKey)) return;
  throw new FederationError('SIGNATURE_INVALID', `The keys of ${site} were replaced or revoked meanwhile.`);
}
