import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import type { Actor } from './roles.js';

/** Shuts a person out at once; the name stays, since the audit log speaks of it. @throws {FederationError} `NOT_FOUND` */
export async function removePerson(
  { database, now }: CoordinatorContext,
  person: string,
  by: Actor,
): Promise<void> {
  const at = now();
  await database.transaction(async ({ people, audit }) => {
    if (!(await people.remove(person, at))) {
      throw new FederationError('NOT_FOUND', `There is no person ${person} to remove.`);
    }
    await audit.append(at, 'remove-person', { person, by: by.name });
  });
}
