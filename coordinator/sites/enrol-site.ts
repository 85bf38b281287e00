import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { enrolReply, enrolRequest } from '@fedoxnet/shared/protocol/http-messages';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { ENROL_LABEL, enrolText } from '@fedoxnet/shared/sealing/session-texts';
import { verifyText } from '@fedoxnet/shared/sealing/signature';
import type { CoordinatorContext } from '../context.js';
import { checkProtocol } from './protocol-version.js';
import { secretHash } from '@fedoxnet/shared/access/secrets';

/**
 * Uses an invitation up and pins the site's keys. The same request again, when its answer was lost, succeeds again.
 * @throws {FederationError} `INVITATION_INVALID`, `SIGNATURE_INVALID`, `PROTOCOL_VERSION`
 */
export async function enrolSite(
  { database, keys, now, disconnect, engine }: CoordinatorContext,
  request: z.infer<typeof enrolRequest>,
): Promise<z.infer<typeof enrolReply>> {
  const { site, invitation, keys: siteKeys, signature } = request;
  checkProtocol(request.protocol);
  if (!verifyText(ENROL_LABEL, enrolText(request), signature, siteKeys.signKey)) {
    throw new FederationError(
      'SIGNATURE_INVALID',
      `The enrolment of ${site} is not signed with its own key.`,
    );
  }
  const at = now();
  const hash = secretHash(invitation);
  const isNew = await database.transaction(async ({ sites, uploads, audit }) => {
    if (!(await sites.useInvitation(hash, site, at))) {
      const known = await sites.find(site);
      const isRepeat =
        known !== null &&
        known.revokedAt === null &&
        known.signKey === siteKeys.signKey &&
        known.boxKey === siteKeys.boxKey &&
        (await sites.wasInvitedWith(hash, site));
      if (isRepeat) return false;
      throw new FederationError('INVITATION_INVALID', `No open invitation for ${site} has this secret.`);
    }
    // What other keys began to send is not for these to complete.
    if (await sites.enrol(site, siteKeys.signKey, siteKeys.boxKey, at)) await uploads.discardHalves(site);
    await audit.append(at, 'enrol', { site, ...siteKeys });
    return true;
  });
  if (isNew) {
    disconnect(site);
    await engine.membershipChanged(site);
  }
  return { site, coordinator: publicKeysOf(keys) };
}
