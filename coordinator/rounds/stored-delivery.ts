import { FederationError } from '@fedoxnet/shared/errors';
import type { UploadRow } from '../storage/round-tables.js';
import type { Pace } from './pace.js';
import { isAssigned } from './run.js';
import type { Within } from './study-actor.js';

/**
 * Stores with the event of an upload that it is delivered: in one transaction, and only when this event delivered it, so that
 * nothing is counted twice and nothing that was counted is replaced.
 * @throws {FederationError} when called: `ROUND_CLOSED` where the upload came too late, `ROUND_NOT_OPEN` where the next round
 *   will take it, `SITE_REVOKED`
 */
export function storedDelivery(upload: UploadRow, pace: Pace | null, at: Date): Within {
  const { id, study, site, round: asked, attempt, header } = upload;
  const work = { round: asked, attempt };
  return async (stores, { round }, before) => {
    const enrolled = await stores.sites.find(site);
    if (enrolled?.revokedAt !== null) {
      throw new FederationError('SITE_REVOKED', `Site ${site} was revoked.`);
    }
    const part = round?.sites[site];
    const isIts = round !== null && part !== undefined && isAssigned(round, site, work);
    if (isIts && part.state === 'late') {
      const message = `Round ${round.number + 1} of ${study} will take the update of ${site}.`;
      throw new FederationError('ROUND_NOT_OPEN', message);
    }
    // An earlier update of the site stays: it may be under the sum already.
    const isFirst = isIts && part.state === 'uploaded' && before.round?.sites[site]?.state !== 'uploaded';
    if (!isFirst || !(await stores.uploads.complete(id, at))) {
      throw new FederationError('ROUND_CLOSED', `Round ${asked} of ${study} takes no update any more.`);
    }
    const uploadBytes = header.bytes + 16 * header.chunks;
    const delivery = { upload: id, masses: header.masses, uploadBytes, pace };
    await stores.rounds.putDelivery(study, round.number, site, delivery);
    const detail = { study, ...work, site, upload: id, digest: header.digest };
    const carried = part.carried === null ? {} : { countedIn: round.number };
    await stores.audit.append(at, 'upload-accepted', { ...detail, ...carried });
  };
}
