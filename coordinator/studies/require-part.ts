import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyRow } from '../storage/study-tables.js';

/**
 * Lets a site through to a study whose plan names it.
 * @throws {FederationError} `NOT_FOUND`, as for a study that does not exist: no site learns of others' studies
 */
export function requirePart({ name, plan }: Pick<StudyRow, 'name' | 'plan'>, site: string): void {
  if (!plan.sites.includes(site)) throw new FederationError('NOT_FOUND', `There is no study ${name}.`);
}
