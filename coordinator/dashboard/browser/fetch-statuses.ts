import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { isStudyStatus } from '../view/status-guard.js';
import { coordinatorUrl } from './coordinator-url.js';
import { refusalText } from './refusal.js';

/** The token is not accepted: asking again with it is of no use. */
export class TokenRefused extends Error {}

/**
 * The status of every study over plain HTTP, for networks whose proxy lets no socket through.
 * @throws {TokenRefused} when the coordinator refuses the token; other errors when it cannot be reached or understood.
 */
export async function fetchStatuses(token: string): Promise<StudyStatus[]> {
  const names = await fetchStudyNames(token);
  return Promise.all(
    names.map(async (study) => {
      const status = await fetchJson(`v1/studies/${encodeURIComponent(study)}/status`, token);
      if (!isStudyStatus(status)) throw new Error(`The status of study ${study} is not one this page reads.`);
      return status;
    }),
  );
}

async function fetchJson(path: string, token: string): Promise<unknown> {
  const response = await fetch(coordinatorUrl(path), {
    headers: { authorization: `Bearer ${token}` },
    cache: 'no-store',
  });
  const body: unknown = await response.json();
  if (response.ok) return body;
  const text = refusalText(body) ?? `The coordinator answered ${response.status}.`;
  throw response.status === 401 || response.status === 403 ? new TokenRefused(text) : new Error(text);
}

/** @throws as {@link fetchStatuses} */
export async function fetchStudyNames(token: string): Promise<string[]> {
  const list = await fetchJson('v1/studies', token);
  const { studies } = list as { studies?: unknown };
  if (!Array.isArray(studies)) throw new Error('The list of studies is not one this page reads.');
  return studies.map((entry: { study?: unknown }) => String(entry.study));
}
