import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import { secretHash } from '@fedoxnet/shared/access/secrets';
import { hashPassword } from '@fedoxnet/shared/access/password';

/**
 * Uses an invitation up and sets the password that its person chose.
 * @returns the person's name
 * @throws {FederationError} `INVITATION_INVALID`
 */
export async function welcomePerson(
  { database, now }: CoordinatorContext,
  { invitation, password }: { readonly invitation: string; readonly password: string },
): Promise<string> {
  const hash = await hashPassword(password);
  const at = now();
  return database.transaction(async ({ people, audit }) => {
    const person = await people.takeInvitation(secretHash(invitation), at);
    if (person === null) {
      throw new FederationError('INVITATION_INVALID', 'The invitation is unknown, used or too old.');
    }
    await people.setPassword(person, hash);
    await audit.append(at, 'choose-password', { person });
    return person;
  });
}
