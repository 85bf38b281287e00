import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { ReleaseGrant } from '@fedoxnet/shared/protocol/http-messages';
import { openDataKey, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';
import { requirePart } from '../studies/require-part.js';
import type { ReleaseRow, StudyRow } from '../storage/study-tables.js';

/** @throws {FederationError} `NOT_FOUND`, `PLAN_NOT_APPROVED` */
export async function requireRelease(
  { database, engine }: CoordinatorContext,
  study: StudyRow,
  number: number,
  site: SiteRow,
): Promise<ReleaseRow> {
  requirePart(study, site.name);
  if (!engine.isApproved(study.name, site.name)) {
    throw new FederationError('PLAN_NOT_APPROVED', `Site ${site.name} did not approve the plan.`);
  }
  const release = await database.stores.studies.findRelease(study.name, number);
  if (release === null) {
    throw new FederationError('NOT_FOUND', `Study ${study.name} has no release ${number}.`);
  }
  return release;
}

/** The header of a release, and its data key sealed for this site alone. */
export function grantRelease({ keys }: CoordinatorContext, release: ReleaseRow, site: SiteRow): ReleaseGrant {
  failpoint('coordinator.release.granting');
  const { header, signature, ownKey } = release;
  const key = sealDataKey(openDataKey(ownKey, keys.box.secretKey), site.boxKey);
  return { header, signature, key };
}
