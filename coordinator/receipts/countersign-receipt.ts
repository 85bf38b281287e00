import { FederationError } from '@fedoxnet/shared/errors';
import { isCountersigned } from '@fedoxnet/shared/receipts/receipt';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';

/**
 * Keeps a counted site's signature over a round's receipt, of the key that the receipt names. The same again changes nothing.
 * @throws {FederationError} `NOT_FOUND` when there is no receipt that counts the site, `SIGNATURE_INVALID`
 */
export async function countersignReceipt(
  { database, now }: CoordinatorContext,
  { name: site }: SiteRow,
  { study, round, signature }: { readonly study: string; readonly round: number; readonly signature: string },
): Promise<void> {
  const at = now();
  await database.transaction(async ({ receipts, audit }) => {
    const row = await receipts.find(study, round);
    if (row === null || !row.receipt.counted.some((counted) => counted.site === site)) {
      throw new FederationError('NOT_FOUND', `No receipt of round ${round} of ${study} counts ${site}.`);
    }
    if (!isCountersigned(row.receipt, { site, signature })) {
      throw new FederationError(
        'SIGNATURE_INVALID',
        `The receipt of round ${round} of ${study} is not countersigned with the key that it names for ${site}.`,
      );
    }
    if (await receipts.countersign({ study, round, site, signature, at })) {
      await audit.append(at, 'countersign', { study, round, site, signature });
    }
  });
}
