import { coordinatorUrl } from './coordinator-url.js';
import { refusalText } from './page/refusal.js';

/**
 * What the page shows the coordinator: the viewer token, or null for the session of whoever signed in, whose cookie the
 * browser sends by itself and no script can read.
 */
export type Credential = string | null;

/** The credential is not accepted: asking again with it is of no use. */
export class AccessRefused extends Error {}

/** @throws {AccessRefused} as named; other errors when the coordinator cannot be reached or refuses for another reason */
export async function getJson(path: string, credential: Credential): Promise<unknown> {
  const headers: HeadersInit = credential === null ? {} : { authorization: `Bearer ${credential}` };
  return answerOf(await fetch(coordinatorUrl(path), { headers, cache: 'no-store' }));
}

/** @throws as {@link getJson} */
export async function postJson(path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  return answerOf(await fetch(coordinatorUrl(path), { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function answerOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  if (response.ok) return body;
  const text = refusalText(body) ?? `The coordinator answered ${response.status}.`;
  throw response.status === 401 || response.status === 403 ? new AccessRefused(text) : new Error(text);
}
