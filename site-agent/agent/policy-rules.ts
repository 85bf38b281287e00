import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { CATALOGUE_FILE, readCatalogue } from '../data/catalogue-file.js';
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
  const requireInside = async (path: string, what: string): Promise<void> => {
    const found = await real(resolve(path));
    const holds = (root: string | null): boolean =>
      root !== null && found !== null && relative(root, found).split(sep)[0] !== '..';
    if (!allowed.some(holds)) throw forbidden(`does not allow ${what}`);
  };
  await requireInside(data, `films of ${data}`);
  await requireInside(join(data, CATALOGUE_FILE), `the catalogue of ${data}`);
  const { films } = await readCatalogue(data);
  for (const [folder, names] of byFolder(films.map(({ file }) => resolve(data, file)))) {
    await requireInside(folder, `films of ${folder}`);
    const links = await linksIn(folder);
    for (const name of names) {
      if (links?.has(name) !== false) await requireInside(join(folder, name), `film ${join(folder, name)}`);
    }
  }
}

function byFolder(files: readonly string[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const file of files) {
    const names = folders.get(dirname(file));
    if (names === undefined) folders.set(dirname(file), [basename(file)]);
    else names.push(basename(file));
  }
  return folders;
}

/**
 * Names in the folder that are links: one listing, where asking of each film would be a call for every one of a hundred
 * thousand. Null where the folder cannot be listed, so that nothing is known of any name; none where it is not there.
 */
async function linksIn(folder: string): Promise<ReadonlySet<string> | null> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Set() : null;
  }
}

/**
 * Where a path leads, links followed. What is not there holds no films, so its name is taken as it stands below what is.
 * @returns null for a link that leads nowhere: tomorrow it may lead anywhere
 */
async function real(path: string): Promise<string | null> {
  try {
    return await realpath(path);
  } catch {
    const entry = await lstat(path).catch(() => null);
    if (entry?.isSymbolicLink() === true || path === dirname(path)) return null;
    const above = await real(dirname(path));
    return above === null ? null : join(above, basename(path));
  }
}

function forbidden(what: string): FederationError {
  return new FederationError('POLICY_FORBIDS', `The policy of this site ${what}.`);
}
