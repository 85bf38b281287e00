import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { whyReportMisfits } from '@fedoxnet/shared/evaluation/report-fits-plan';
import { suppressBelowOf } from '@fedoxnet/shared/study/evaluation-plan';
import type { evaluationRequest } from '@fedoxnet/shared/protocol/http-messages';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';
import type { StudyRow } from '../storage/study-tables.js';
import { requirePart } from './require-part.js';

/**
 * Keeps what a site's held-out films say about the release of a round. The same report again changes nothing.
 * @throws {FederationError} `UPLOAD_MISMATCH`, `MESSAGE_INVALID`, `ROUND_CLOSED`, `NOT_FOUND`
 */
export async function storeReport(
  { database, engine }: CoordinatorContext,
  { name, plan }: StudyRow,
  round: number,
  site: SiteRow,
  { release, digest, report }: z.infer<typeof evaluationRequest>,
): Promise<void> {
  requirePart({ name, plan }, site.name);
  const scored = await database.stores.studies.findRelease(name, release);
  if (release !== round || scored?.header.digest !== digest) {
    throw new FederationError('UPLOAD_MISMATCH', `The report is not about the release of round ${round}.`);
  }
  const misfit = whyReportMisfits(report, {
    classes: plan.classes,
    ious: plan.evaluation.ious,
    suppressBelow: suppressBelowOf(plan.evaluation),
  });
  if (misfit !== null)
    throw new FederationError('MESSAGE_INVALID', `Message evaluation is invalid: ${misfit}.`);
  await engine.report(name, round, site.name, report);
}
