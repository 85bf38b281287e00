import { getJson, postJson } from './requests.js';

/** Who is signed in with this browser. */
export interface Person {
  readonly name: string;
  readonly role: string;
}

/** Null when nobody is. */
export async function whoIsSignedIn(): Promise<Person | null> {
  const { actor } = (await getJson('v1/me', null)) as { actor: Person | null };
  return actor;
}

/** @throws {AccessRefused} when name and password do not go together */
export async function signIn(person: string, password: string): Promise<Person> {
  const { role } = (await postJson('v1/sign-in', { person, password })) as { role: string };
  return { name: person, role };
}

export async function signOut(): Promise<void> {
  await postJson('v1/sign-out', {});
}

/** Uses an invitation up. @returns the name of the person it was for */
export async function choosePassword(invitation: string, password: string): Promise<string> {
  const { person } = (await postJson('v1/welcome', { invitation, password })) as { person: string };
  return person;
}
