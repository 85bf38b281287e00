import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import { newSecret, secretHash } from '@fedoxnet/shared/access/secrets';
import { verifyPassword } from '@fedoxnet/shared/access/password';
import type { Actor, Role } from './roles.js';

/** A working day: who comes back tomorrow signs in again. */
export const SESSION_MS = 10 * 60 * 60 * 1000;

export interface SignedIn {
  /** The session's secret, for the cookie. */
  readonly token: string;
  readonly person: string;
  readonly role: Role;
}

/**
 * @param address of who asks; failures are counted by it and by the name
 * @throws {FederationError} `SIGN_IN_REFUSED` without saying what was wrong, `RATE_LIMITED`
 */
export async function signIn(
  { database, guesses, now }: CoordinatorContext,
  { person: name, password }: { readonly person: string; readonly password: string },
  address: string,
): Promise<SignedIn> {
  const person = await guesses.attempt({ of: name, from: address }, async () => {
    const found = await database.stores.people.findActive(name);
    // Compared whether or not there is such a person, so that the time tells nothing.
    const isRight = await verifyPassword(password, found?.passwordHash ?? null);
    return isRight ? found : null;
  });
  const at = now();
  if (person === null) {
    await database.transaction(({ audit }) => audit.append(at, 'sign-in-refused', { person: name, address }));
    throw refusal();
  }
  const token = newSecret();
  await database.transaction(async ({ people, audit }) => {
    if (!(await people.holdsPassword(name, person.passwordHash ?? ''))) throw refusal();
    await people.forgetExpired(at);
    await people.addSession({
      tokenHash: secretHash(token),
      person: name,
      expiresAt: new Date(at.getTime() + SESSION_MS),
    });
    await audit.append(at, 'sign-in', { person: name, address });
  });
  return { token, person: name, role: person.role };
}

function refusal(): FederationError {
  return new FederationError('SIGN_IN_REFUSED', 'Name and password do not go together.');
}

export async function signOut({ database }: CoordinatorContext, token: string): Promise<void> {
  await database.stores.people.endSession(secretHash(token));
}

/** The person behind a session's secret, with the role as it is now. @throws {FederationError} `SESSION_INVALID` */
export async function actorOfSession({ database, now }: CoordinatorContext, token: string): Promise<Actor> {
  const person = await database.stores.people.personOfSession(secretHash(token), now());
  if (person === null) throw new FederationError('SESSION_INVALID', 'The session is unknown or has ended.');
  return { name: person.name, role: person.role };
}
