import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readMembership } from '../agent/identity.js';
import type { BackendWish } from '../backend/select-backend.js';
import type { PrivacyCheckOptions } from '../data/privacy/privacy-check.js';
import { backendCheck } from './backend-check.js';
import type { Check } from './check.js';
import { coordinatorChecks } from './coordinator-checks.js';
import { decodeChecks } from './decode-checks.js';
import { gpuCheck } from './gpu-check.js';
import { headerValuesCheck } from './header-values-check.js';
import { diskCheck, memoryCheck } from './machine-checks.js';
import { pacsChecks } from './pacs-checks.js';
import { dataCheck, keysCheck, policyCheck } from './site-checks.js';

export interface CheckPlace {
  /** Absolute paths; null where not given. */
  readonly home: string | null;
  readonly data: string | null;
  /** Instead of the one this site enrolled at. */
  readonly coordinator: string | null;
  readonly backend: BackendWish;
  readonly threads?: number;
  /** What else to search for header values, and of which films; without it they are not searched for. */
  readonly privacy?: PrivacyCheckOptions;
}

/** Every line, in the order in which site staff would look: the network, the machine, what the site keeps, the PACS, its films. */
export async function allChecks(place: CheckPlace): Promise<Check[]> {
  const { home, data, coordinator, backend, threads, privacy } = place;
  const member = home === null ? null : await readMembership(home).catch(() => null);
  const address = coordinator ?? member?.address ?? null;
  // Another address is asked as a stranger: its keys were never pinned.
  const pinned = address === member?.address ? (member?.coordinator ?? null) : null;
  const folders = Object.fromEntries(
    await Promise.all(
      Object.entries({ 'the agent': home, films: data })
        .filter((entry): entry is [string, string] => entry[1] !== null)
        .map(async ([what, path]) => [what, await existing(path)] as const),
    ),
  );
  return [
    ...coordinatorChecks({ address, pinned }),
    diskCheck(folders),
    memoryCheck,
    gpuCheck(backend),
    backendCheck(backend, threads === undefined ? {} : { threads }),
    keysCheck(home),
    policyCheck(home),
    ...pacsChecks(home),
    ...decodeChecks(),
    dataCheck(data),
    ...(privacy === undefined ? [] : [headerValuesCheck(privacy)]),
  ];
}

/** The folder, or the nearest one above it that is there: a new one would be made on the same disk. */
async function existing(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found !== null || dirname(path) === path ? path : existing(dirname(path));
}
