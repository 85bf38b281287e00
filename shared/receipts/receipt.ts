import { z } from 'zod';
import { base64Bytes, sha256Hex, shortName } from '../ids.js';
import { successions } from '../protocol/http-messages.js';
import { signText, verifyText } from '../sealing/signature.js';
import { canonicalJson } from '../study/canonical-json.js';

/** One update that a round counted. */
export const countedUpdate = z.strictObject({
  site: shortName,
  /** The site's signing key when the round was summed: nothing but its signature confirms this entry. */
  signKey: base64Bytes(32),
  /** Digest of the update's plaintext. */
  update: sha256Hex,
  /** Which work of the site it is; not the receipt's where the round was taken up again, or the update carried into it. */
  round: z.number().int().min(1),
  attempt: z.number().int().min(1),
  /** Digest of the release that this update was trained from. */
  base: sha256Hex,
});
export type CountedUpdate = z.infer<typeof countedUpdate>;

/** What one round counted and what came of it: made by the coordinator when it has summed the round. PROTOCOL.md §3.8. */
export const receipt = z.strictObject({
  version: z.literal(2),
  study: shortName,
  planHash: sha256Hex,
  round: z.number().int().min(1),
  attempt: z.number().int().min(1),
  /** Digest of the release that the round began from. */
  base: sha256Hex,
  /** Digest of the release that came of it; its number is the round's. */
  release: sha256Hex,
  /** In the order of the sites' names, each once. */
  counted: z.array(countedUpdate).min(1),
});
export type Receipt = z.infer<typeof receipt>;

/** With the coordinator's signature, as a site asks for it. */
export const signedReceipt = z.strictObject({ receipt, signature: base64Bytes(64) });
export type SignedReceipt = z.infer<typeof signedReceipt>;

/** A counted site's signature over the same receipt, with the key that the receipt names. */
export const countersignature = z.strictObject({ site: shortName, signature: base64Bytes(64) });
export type Countersignature = z.infer<typeof countersignature>;

/** Countersignatures in the order of the sites' names. */
export const countersignedReceipt = signedReceipt.extend({ countersignatures: z.array(countersignature) });
export type CountersignedReceipt = z.infer<typeof countersignedReceipt>;

/** What lies beside an exported release: every round that led to it. Whoever has it can check a model offline. */
export const receiptFile = z.strictObject({
  format: z.literal('fedoxnet receipts'),
  version: z.literal(2),
  study: shortName,
  /** The coordinator's present one. */
  signKey: base64Bytes(32),
  /** How its keys came from those that signed earlier rounds. */
  succession: successions,
  /** Rounds 1, 2, … in order. */
  receipts: z.array(countersignedReceipt),
});
export type ReceiptFile = z.infer<typeof receiptFile>;

/** In one answer: a receipt of a thousand sites has 300 kB. */
export const MAX_AWAITING = 10;
/** The query of GET /v1/sites/receipts: where to go on, `STUDY/ROUND` of the last receipt before. */
export const receiptsQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}\/[1-9]\d{0,8}$/, 'expected STUDY/ROUND')
    .optional(),
});
/** Its answer: what counts the asking site and is not countersigned by it, by study and round; and whether there is more. */
export const awaitingReceipts = z.object({
  receipts: z.array(signedReceipt).max(MAX_AWAITING),
  more: z.boolean(),
});
/** POST /v1/studies/:study/rounds/:round/countersignature */
export const countersignRequest = z.strictObject({ signature: base64Bytes(64) });

const COORDINATOR_LABEL = 'fedoxnet receipt v1';
const SITE_LABEL = 'fedoxnet countersign v1';

/** @param secretKey of the coordinator, 64 bytes */
export function signReceipt(made: Receipt, secretKey: Uint8Array): SignedReceipt {
  return { receipt: made, signature: signText(COORDINATOR_LABEL, canonicalJson(made), secretKey) };
}

/** @param signKey of the coordinator, base64 */
export function isSignedBy({ receipt: signed, signature }: SignedReceipt, signKey: string): boolean {
  return verifyText(COORDINATOR_LABEL, canonicalJson(signed), signature, signKey);
}

/** @param secretKey of the site, 64 bytes. @returns base64 */
export function countersign(signed: Receipt, secretKey: Uint8Array): string {
  return signText(SITE_LABEL, canonicalJson(signed), secretKey);
}

/** True when the receipt counts the site, and the signature is of the key that it names for it. */
export function isCountersigned(signed: Receipt, { site, signature }: Countersignature): boolean {
  const entry = signed.counted.find((counted) => counted.site === site);
  return entry !== undefined && verifyText(SITE_LABEL, canonicalJson(signed), signature, entry.signKey);
}

/**
 * What makes no sense in a receipt, whoever signed it: the end of a sentence that begins with the receipt; null when there is
 * nothing. A round counts each site once, for work of its own or, where late updates are carried, of the round before.
 */
export function oddityOf({ round, attempt, base, counted }: Receipt): string | null {
  for (const [at, entry] of counted.entries()) {
    const before = counted[at - 1];
    if (before !== undefined && before.site >= entry.site) {
      return 'does not name its sites once each and in order';
    }
    const isOwn = entry.round === round && entry.attempt <= attempt && entry.base === base;
    if (!isOwn && entry.round !== round - 1) {
      return `counts an update of ${entry.site} that is neither of this round nor of the one before`;
    }
  }
  return null;
}
