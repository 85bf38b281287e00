import { realpath } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { readCatalogue } from '../data/catalogue-file.js';
import type { SitePolicy } from './policy.js';
import { isWithin } from './work-hours.js';

/** What the site's policy says to work that the coordinator asks for. The policy wins; the reason is told. */

/** @throws {FederationError} `POLICY_FORBIDS` when the policy names studies and this one is not among them */
export function requireStudyAllowed({ studies }: SitePolicy, study: string): void {
  if (studies !== undefined && !studies.includes(study)) throw forbidden(`does not allow study ${study}`);
}

/** @throws {FederationError} `POLICY_FORBIDS` for a study, or a plan whose releases rest on too few sites */
export function requirePlanAllowed(policy: SitePolicy, plan: StudyPlan): void {
  const { study, training } = plan;
  requireStudyAllowed(policy, study);
  const { minimumOtherSites = 0 } = policy;
  // A round may close as soon as its quorum is there, so the quorum is all that a plan promises, the lowest of its stages.
  const quorum = Math.min(
    plan.quorum,
    ...(training.stages ?? []).map((stage) => stage.quorum ?? plan.quorum),
  );
  if (quorum - 1 < minimumOtherSites) {
    throw forbidden(
      `wants ${minimumOtherSites} other sites in every release, and the plan of ${study} has a quorum of ${quorum}`,
    );
  }
}

/** @throws {FederationError} `OUTSIDE_HOURS` when no work may begin now */
export function requireHour({ hours }: SitePolicy, at: Date): void {
  if (hours === undefined || isWithin(hours, at)) return;
  throw new FederationError('OUTSIDE_HOURS', `The policy of this site allows work at ${hours.text}.`);
}

/**
 * @param data folder of the catalogue
 * @throws {FederationError} `POLICY_FORBIDS` for a catalogue or a film that does not lie where films may, links followed
 */
export async function requireFilmsAllowed({ dataFolders }: SitePolicy, data: string): Promise<void> {
  if (dataFolders === undefined) return;
  const allowed = await Promise.all(dataFolders.map(real));
  const isInside = async (folder: string): Promise<boolean> => {
    const found = await real(folder);
    return allowed.some((root) => {
      const [first] = relative(root, found).split(sep);
      return first !== '..';
    });
  };
  if (!(await isInside(data))) throw forbidden(`does not allow films of ${data}`);
  const { films } = await readCatalogue(data);
  for (const folder of new Set(films.map(({ file }) => dirname(resolve(data, file))))) {
    if (!(await isInside(folder))) throw forbidden(`does not allow films of ${folder}`);
  }
}

/** A folder that is not there holds no films; its name is taken as it stands. */
function real(folder: string): Promise<string> {
  return realpath(folder).catch(() => resolve(folder));
}

function forbidden(what: string): FederationError {
  return new FederationError('POLICY_FORBIDS', `The policy of this site ${what}.`);
}
