import { z } from 'zod';
import { base64Bytes, sha256Hex, shortName } from '../ids.js';
import { publicKeys, successions } from '../protocol/http-messages.js';
import { signText, verifyText } from '../sealing/signature.js';
import { canonicalJson } from '../study/canonical-json.js';

/** What one round counted and what came of it: made by the coordinator when it has summed the round. PROTOCOL.md §3.8. */
export const receipt = z.strictObject({
  version: z.literal(1),
  study: shortName,
  planHash: sha256Hex,
  round: z.number().int().min(1),
  attempt: z.number().int().min(1),
  /** Digest of the release that the sites trained from. */
  base: sha256Hex,
  /** Digest of the release that came of it; its number is the round's. */
  release: sha256Hex,
  /** Every counted site, by name, with the digest of its update's plaintext. */
  counted: z.array(z.strictObject({ site: shortName, update: sha256Hex })).min(1),
});
export type Receipt = z.infer<typeof receipt>;

/** With the coordinator's signature, as a site asks for it. */
export const signedReceipt = z.strictObject({ receipt, signature: base64Bytes(64) });
export type SignedReceipt = z.infer<typeof signedReceipt>;

/** A counted site's signature over the same receipt, with the key that the site had then. */
export const countersignature = z.strictObject({
  site: shortName,
  signKey: base64Bytes(32),
  signature: base64Bytes(64),
});
export type Countersignature = z.infer<typeof countersignature>;

export const countersignedReceipt = signedReceipt.extend({ countersignatures: z.array(countersignature) });
export type CountersignedReceipt = z.infer<typeof countersignedReceipt>;

/** What lies beside an exported release: every round that led to it. Whoever has it can check a model offline. */
export const receiptFile = z.strictObject({
  format: z.literal('fedoxnet receipts'),
  version: z.literal(1),
  study: shortName,
  coordinator: publicKeys,
  /** How its keys came from those that signed earlier rounds. */
  succession: successions,
  /** Rounds 1, 2, … in order. */
  receipts: z.array(countersignedReceipt),
});
export type ReceiptFile = z.infer<typeof receiptFile>;

/** GET /v1/sites/receipts: those that count the asking site and that it has not countersigned, oldest first. */
export const MAX_AWAITING = 50;
export const awaitingReceipts = z.object({ receipts: z.array(signedReceipt).max(MAX_AWAITING) });
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

export function isCountersignedBy(
  signed: Receipt,
  { signKey, signature }: Pick<Countersignature, 'signKey' | 'signature'>,
): boolean {
  return verifyText(SITE_LABEL, canonicalJson(signed), signature, signKey);
}
