import { FederationError } from '@fedoxnet/shared/errors';
import { signReceipt, type Receipt, type SignedReceipt } from '@fedoxnet/shared/receipts/receipt';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import type { UploadRow } from '../storage/round-tables.js';

/**
 * The signed receipt of a round that was summed.
 * @param uploads  what was summed, of this attempt, of an earlier one or carried from the round before
 * @param signKeys the present signing keys of their sites
 */
export function makeReceipt(
  round: Omit<Receipt, 'version' | 'counted'>,
  uploads: readonly Pick<UploadRow, 'site' | 'header'>[],
  signKeys: ReadonlyMap<string, string>,
  keys: Pick<SiteKeys, 'sign'>,
): SignedReceipt {
  const counted = uploads
    .map(({ site, header: { digest: update, round, attempt, base } }) => {
      const signKey = signKeys.get(site);
      if (signKey === undefined) throw new FederationError('INTERNAL', `Site ${site} has no signing key.`);
      return { site, signKey, update, round, attempt, base };
    })
    .sort((a, b) => (a.site < b.site ? -1 : 1));
  return signReceipt({ version: 2, ...round, counted }, keys.sign.secretKey);
}
