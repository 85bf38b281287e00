import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { approvalRequest } from '@fedoxnet/shared/protocol/http-messages';
import { APPROVAL_LABEL, approvalText } from '@fedoxnet/shared/sealing/session-texts';
import { verifyText } from '@fedoxnet/shared/sealing/signature';
import type { CoordinatorContext } from '../context.js';
import { requireHeldKey } from '../sites/held-key.js';
import type { SiteRow } from '../storage/site-tables.js';
import type { StudyRow } from '../storage/study-tables.js';

/** Keeps a site's signed yes to a plan. @throws {FederationError} `PLAN_NOT_APPROVED`, `SIGNATURE_INVALID` */
export async function approvePlan(
  { database, engine, now }: CoordinatorContext,
  study: StudyRow,
  site: SiteRow,
  { hash, signature }: z.infer<typeof approvalRequest>,
): Promise<void> {
  if (hash !== study.planHash) {
    throw new FederationError('PLAN_NOT_APPROVED', `The plan of ${study.name} has hash ${study.planHash}.`);
  }
  if (!verifyText(APPROVAL_LABEL, approvalText(study.name, hash), signature, site.signKey)) {
    throw new FederationError(
      'SIGNATURE_INVALID',
      `The approval is not signed with the key of ${site.name}.`,
    );
  }
  const at = now();
  await database.transaction(async (stores) => {
    await requireHeldKey(stores, site.name, site.signKey);
    await stores.studies.approve({ study: study.name, site: site.name, hash, signature, approvedAt: at });
    await stores.audit.append(at, 'approve', { study: study.name, site: site.name, hash, signature });
  });
  await engine.approvalChanged(study.name, site.name);
}
