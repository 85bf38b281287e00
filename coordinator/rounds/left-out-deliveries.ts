import type { Stores } from '../storage/stores.js';
import { isWithdrawn, sitesIn, type StudyRun } from './run.js';

/**
 * Forgets, with the step that left them out, the updates of sites that were revoked or have other keys now: such a site may come
 * back and bring another one. Their sealed chunks go with the next collection of old uploads.
 */
export async function dropLeftOut(
  { rounds, uploads, audit }: Stores,
  after: StudyRun,
  before: StudyRun,
  at: Date,
): Promise<void> {
  const [old, round] = [before.round, after.round];
  if (old === null || round?.number !== old.number) return;
  for (const site of sitesIn(old, 'uploaded')) {
    if (!isWithdrawn(after, site) || round.sites[site]?.state !== 'failed') continue;
    const upload = await rounds.dropDelivery(after.study, round.number, site);
    if (upload === null) continue;
    await uploads.remove(upload);
    const { number, attempt } = round;
    const reason = round.sites[site].reason;
    const detail = { study: after.study, round: number, attempt, site, upload, code: 'SITE_REVOKED', reason };
    await audit.append(at, 'upload-refused', detail);
  }
}
