import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { rotationRequest } from '@fedoxnet/shared/protocol/http-messages';
import { ROTATION_LABEL, rotationText } from '@fedoxnet/shared/sealing/session-texts';
import { verifyText } from '@fedoxnet/shared/sealing/signature';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';

/**
 * Replaces a site's keys. What the site approved stays approved; its sessions and its connection end, so whoever still holds
 * the old keys is out at once.
 * @throws {FederationError} `SIGNATURE_INVALID`
 */
export async function rotateKeys(
  { database, now, disconnect }: CoordinatorContext,
  { name, signKey }: SiteRow,
  { keys, oldSignature, newSignature }: z.infer<typeof rotationRequest>,
): Promise<void> {
  const text = rotationText(name, signKey, keys);
  const isSigned =
    verifyText(ROTATION_LABEL, text, oldSignature, signKey) &&
    verifyText(ROTATION_LABEL, text, newSignature, keys.signKey);
  if (!isSigned) {
    throw new FederationError(
      'SIGNATURE_INVALID',
      `The new keys of ${name} are not signed with old and new key.`,
    );
  }
  const at = now();
  await database.transaction(async ({ sites, audit }) => {
    if (!(await sites.rotate(name, signKey, keys))) {
      throw new FederationError('SIGNATURE_INVALID', `The keys of ${name} were replaced meanwhile.`);
    }
    await audit.append(at, 'rotate', { site: name, ...keys, oldSignature, newSignature });
  });
  disconnect(name);
}
