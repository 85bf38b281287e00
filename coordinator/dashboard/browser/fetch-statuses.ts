import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { isConsortiumCensus } from '../view/census-guard.js';
import { isStudyStatus } from '../view/status-guard.js';
import { getJson, type Credential } from './requests.js';

/**
 * The status of every study over plain HTTP, for networks whose proxy lets no socket through.
 * @throws {AccessRefused} when the coordinator refuses the credential; other errors when it cannot be reached or understood
 */
export async function fetchStatuses(credential: Credential): Promise<StudyStatus[]> {
  const names = await fetchStudyNames(credential);
  return Promise.all(
    names.map(async (study) => {
      const status = await getJson(`v1/studies/${encodeURIComponent(study)}/status`, credential);
      if (!isStudyStatus(status)) throw new Error(`The status of study ${study} is not one this page reads.`);
      return status;
    }),
  );
}

/** What the sites of every study told of their films; as {@link fetchStatuses}. */
export async function fetchCensuses(credential: Credential): Promise<ConsortiumCensus[]> {
  const names = await fetchStudyNames(credential);
  return Promise.all(
    names.map(async (study) => {
      const census = await getJson(`v1/studies/${encodeURIComponent(study)}/census`, credential);
      if (!isConsortiumCensus(census))
        throw new Error(`The census of study ${study} is not one this page reads.`);
      return census;
    }),
  );
}

/** @throws as {@link fetchStatuses} */
export async function fetchStudyNames(credential: Credential): Promise<string[]> {
  const list = await getJson('v1/studies', credential);
  const { studies } = list as { studies?: unknown };
  if (!Array.isArray(studies)) throw new Error('The list of studies is not one this page reads.');
  return studies.map((entry: { study?: unknown }) => String(entry.study));
}
