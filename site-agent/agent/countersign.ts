import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import {
  awaitingReceipts,
  countersign,
  isSignedBy,
  oddityOf,
  type CountedUpdate,
  type Receipt,
  type SignedReceipt,
} from '@fedoxnet/shared/receipts/receipt';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import { forgetFormerSigners, formerSigners } from './former-signers.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import type { RoundRecords } from './round-records.js';
import type { SiteWork } from './site-work.js';

/** What of the agent the countersigning needs. */
export type Countersigner = Pick<SiteWork, 'identity' | 'http' | 'records'>;

/**
 * Countersigns what waits for it, and says once what it does not countersign. Whatever goes wrong with that is no fault of the
 * round: it is tried again at the next one.
 */
export async function confirmReceipts(
  work: Countersigner & Pick<SiteWork, 'log' | 'refusedReceipts'>,
): Promise<void> {
  const { log, refusedReceipts } = work;
  try {
    await countersignReceipts(work, ({ code, line }) => {
      if (!refusedReceipts.has(line)) log.error({ code }, line);
      refusedReceipts.add(line);
    });
  } catch (error) {
    log.warn({ err: error }, 'receipts could not be countersigned now');
  }
}

/**
 * Confirms every receipt that counts this site and says the truth about it; a site signs nothing that it cannot check. Keys of
 * before a rotation have then signed all they ever will, and go.
 * @param onRefused told of a receipt that does not fit what this site knows, or that the coordinator does not take back; the
 *   others go on
 * @returns how many were countersigned
 */
export async function countersignReceipts(
  work: Countersigner,
  onRefused: (error: FederationError) => void,
): Promise<number> {
  const { home } = work.identity;
  const signers = await signersOf(work.identity);
  let done = 0;
  for await (const signed of awaiting(work.http)) {
    try {
      await confirm(signed, work, signers);
      done += 1;
    } catch (error) {
      if (!(error instanceof FederationError) || error.entry.retry) throw error;
      onRefused(error);
    }
  }
  if (home !== undefined) await forgetFormerSigners(home);
  return done;
}

/** Every receipt that waits for this site, page by page. */
async function* awaiting(http: HttpClient): AsyncGenerator<SignedReceipt> {
  for (let query = ''; ;) {
    const request = { method: 'GET', path: `v1/sites/receipts${query}` } as const;
    const { receipts, more } = await http.json(request, awaitingReceipts, 'receipts');
    yield* receipts;
    const last = receipts.at(-1)?.receipt;
    if (!more || last === undefined) return;
    query = `?after=${last.study}/${last.round}`;
  }
}

/** This site's secret signing keys, present and former, by their public ones. */
async function signersOf({ keys, home }: Identity): Promise<ReadonlyMap<string, Uint8Array>> {
  const former = home === undefined ? [] : await formerSigners(home);
  return new Map([keys.sign, ...former].map(({ publicKey, secretKey }) => [toBase64(publicKey), secretKey]));
}

/** @throws {FederationError} `RECEIPT_WRONG`, or what the coordinator refuses it with */
async function confirm(
  signed: SignedReceipt,
  { identity, http, records }: Countersigner,
  signers: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const { receipt } = signed;
  const { study, round } = receipt;
  const wrong = (fault: string): FederationError =>
    new FederationError('RECEIPT_WRONG', `The receipt of round ${round} of ${study} ${fault}.`);
  const { coordinator, formerSignKeys = [] } = identity;
  if (![coordinator.signKey, ...formerSignKeys].some((signKey) => isSignedBy(signed, signKey))) {
    throw wrong('is not signed by the pinned coordinator');
  }
  const oddity = oddityOf(receipt);
  if (oddity !== null) throw wrong(oddity);
  const entry = receipt.counted.find(({ site }) => site === identity.site);
  if (entry === undefined) throw wrong('does not count this site');
  const secretKey = signers.get(entry.signKey);
  if (secretKey === undefined) throw wrong('names a signing key that is not of this home');
  const fault = await faultOf(entry, receipt, records);
  if (fault !== null) throw wrong(fault);
  // First to the records, which are what `verify` later asks: an answer that is lost leaves them no poorer.
  await records.countersigned(signed);
  const signature = countersign(receipt, secretKey);
  const path = `v1/studies/${study}/rounds/${round}/countersignature`;
  await http.json({ method: 'POST', path, json: { signature } }, z.object({}), 'countersignature reply');
}

/** Null when this site made the update that the entry names, from the release that it names. */
async function faultOf(
  { round, attempt, base, update }: CountedUpdate,
  { study }: Receipt,
  records: RoundRecords,
): Promise<string | null> {
  const own = await records.contribution(study, { round, attempt });
  if (own === null) return 'counts an update that this site never made';
  if (own.base !== base) return 'names another release than the one this site trained from';
  if (own.update !== update) return 'counts another update than the one this site sent';
  return null;
}
