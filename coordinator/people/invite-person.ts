import type { CoordinatorContext } from '../context.js';
import { newSecret, secretHash } from '@fedoxnet/shared/access/secrets';
import type { Actor, Role } from './roles.js';

const DAY_MS = 24 * 60 * 60 * 1000;
export const WELCOME_DAYS = 7;

export interface PersonInvitation {
  readonly person: string;
  readonly role: Role;
  /** With it the person chooses a password, once. Shown once; the database keeps its hash. */
  readonly invitation: string;
  readonly expiresAt: string;
}

/**
 * Lets a person in under a name, or gives one who is in another role; either way with a new invitation, with which the
 * person chooses a new password. An old password and open sessions hold until then.
 */
export async function invitePerson(
  { database, now }: CoordinatorContext,
  { person, role }: { readonly person: string; readonly role: Role },
  by: Actor,
): Promise<PersonInvitation> {
  const invitation = newSecret();
  const at = now();
  const expiresAt = new Date(at.getTime() + WELCOME_DAYS * DAY_MS);
  await database.transaction(async ({ people, audit }) => {
    await people.put(person, role, at);
    await people.addInvitation({ secretHash: secretHash(invitation), person, expiresAt });
    await audit.append(at, 'invite-person', { person, role, by: by.name });
  });
  return { person, role, invitation, expiresAt: expiresAt.toISOString() };
}
