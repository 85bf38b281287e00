import type { Logger } from 'pino';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import {
  awaitingReceipts,
  countersign,
  isSignedBy,
  type SignedReceipt,
} from '@fedoxnet/shared/receipts/receipt';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import type { RoundRecords } from './round-records.js';

/** What of the agent the countersigning needs. */
export interface Countersigner {
  readonly identity: Identity;
  readonly http: HttpClient;
  readonly records: RoundRecords;
}

/** Countersigns what waits for it. Whatever goes wrong with that is no fault of the round: it is tried again at the next one. */
export async function confirmReceipts(work: Countersigner & { readonly log: Logger }): Promise<void> {
  try {
    await countersignReceipts(work, (error) => work.log.error({ code: error.code }, error.line));
  } catch (error) {
    work.log.warn({ err: error }, 'receipts could not be countersigned now');
  }
}

/**
 * Confirms every receipt that counts this site and says the truth about it; a site signs nothing that it cannot check.
 * @param onRefused told of a receipt that does not fit what this site knows; the others go on
 * @returns how many were countersigned
 */
export async function countersignReceipts(
  { identity, http, records }: Countersigner,
  onRefused: (error: FederationError) => void,
): Promise<number> {
  const request = { method: 'GET', path: 'v1/sites/receipts' } as const;
  const { receipts } = await http.json(request, awaitingReceipts, 'receipts');
  let done = 0;
  for (const signed of receipts) {
    const { study, round } = signed.receipt;
    const fault = await faultOf(signed, identity, records);
    if (fault !== null) {
      onRefused(new FederationError('RECEIPT_WRONG', `The receipt of round ${round} of ${study} ${fault}.`));
      continue;
    }
    const signature = countersign(signed.receipt, identity.keys.sign.secretKey);
    const path = `v1/studies/${study}/rounds/${round}/countersignature`;
    await http.json({ method: 'POST', path, json: { signature } }, z.object({}), 'countersignature reply');
    await records.countersigned(signed);
    done += 1;
  }
  return done;
}

/** Null when the receipt is what this site knows. */
async function faultOf(
  signed: SignedReceipt,
  { site, coordinator, formerSignKeys = [] }: Identity,
  records: RoundRecords,
): Promise<string | null> {
  const { study, round, attempt, base, counted } = signed.receipt;
  const signers = [coordinator.signKey, ...formerSignKeys];
  if (!signers.some((signKey) => isSignedBy(signed, signKey))) {
    return 'is not signed by the pinned coordinator';
  }
  const own = await records.contribution(study, { round, attempt });
  if (own === null) return 'counts an update that this site never made';
  if (own.base !== base) return 'names another release than the one this site trained from';
  const booked = counted.find((entry) => entry.site === site);
  if (booked?.update !== own.update) return 'counts another update than the one this site sent';
  return null;
}
