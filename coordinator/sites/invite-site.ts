import type { CoordinatorContext } from '../context.js';
import type { Actor } from '../people/roles.js';
import { newSecret, secretHash } from '@fedoxnet/shared/access/secrets';

const DAY_MS = 24 * 60 * 60 * 1000;
export const INVITATION_DAYS = 7;

export interface Invitation {
  readonly site: string;
  /** Shown once; the database keeps its hash. */
  readonly invitation: string;
  readonly expiresAt: string;
}

/** A one-time invitation with which one site may enrol under this name. An earlier one that was not used is void. */
export async function inviteSite(
  { database, now }: CoordinatorContext,
  site: string,
  by: Actor,
): Promise<Invitation> {
  const invitation = newSecret();
  const createdAt = now();
  const expiresAt = new Date(createdAt.getTime() + INVITATION_DAYS * DAY_MS);
  await database.transaction(async ({ sites, audit }) => {
    await sites.addInvitation({ secretHash: secretHash(invitation), site, createdAt, expiresAt });
    await audit.append(createdAt, 'invite', { site, expiresAt: expiresAt.toISOString(), by: by.name });
  });
  return { site, invitation, expiresAt: expiresAt.toISOString() };
}
