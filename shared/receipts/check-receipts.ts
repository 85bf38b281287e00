import { allSigners } from '../sealing/key-succession.js';
import { isCountersignedBy, isSignedBy, type ReceiptFile } from './receipt.js';

/** A release that is to be checked. */
export interface CheckedModel {
  readonly study: string;
  readonly release: number;
  /** SHA-256 of the file. */
  readonly digest: string;
}

export interface ReceiptVerdict {
  /** What does not hold, one sentence each; empty when the model is what the receipts say. */
  readonly faults: readonly string[];
  /** Counted sites whose countersignature has not come: the receipt holds, but they have not confirmed it. */
  readonly unconfirmed: readonly { readonly round: number; readonly site: string }[];
}

/**
 * Follows the rounds from the first to the model's release: each receipt is signed by the coordinator, starts from the release
 * before it, and whoever countersigned it was counted in it; the last one names the model's digest. Where the coordinator
 * replaced its keys the receipts follow: never a key before the one that signed the round before.
 * @param signKey of the coordinator, base64: the pinned one where there is one, be it of before a rotation or after
 */
export function checkReceipts(model: CheckedModel, file: ReceiptFile, signKey: string): ReceiptVerdict {
  const faults: string[] = [];
  const unconfirmed: { round: number; site: string }[] = [];
  if (file.study !== model.study)
    faults.push(`The receipts are of study ${file.study}, the model of ${model.study}.`);
  if (model.release === 0)
    faults.push('Release 0 is what the study began with: no round made it, so no receipt names it.');
  const chain = allSigners(file.succession, file.coordinator.signKey) ?? [];
  let signers = chain.includes(signKey) ? chain : [signKey];
  let base: string | null = null;
  for (let round = 1; round <= model.release; round++) {
    const signed = file.receipts[round - 1];
    if (signed === undefined) {
      faults.push(`The receipt of round ${round} is missing.`);
      break;
    }
    const { receipt, countersignatures } = signed;
    const isInPlace =
      receipt.study === file.study && receipt.round === round && (base === null || receipt.base === base);
    if (!isInPlace) faults.push(`The receipt of round ${round} does not follow the one before it.`);
    const signer = signers.findIndex((key) => isSignedBy(signed, key));
    if (signer < 0) faults.push(`The receipt of round ${round} is not signed by the coordinator.`);
    else signers = signers.slice(signer);
    for (const countersigned of countersignatures) {
      const wasCounted = receipt.counted.some(({ site }) => site === countersigned.site);
      if (wasCounted && isCountersignedBy(receipt, countersigned)) continue;
      faults.push(`The countersignature of ${countersigned.site} in round ${round} does not hold.`);
    }
    for (const { site } of receipt.counted) {
      if (!countersignatures.some((by) => by.site === site)) unconfirmed.push({ round, site });
    }
    base = receipt.release;
  }
  if (base !== null && base !== model.digest && file.receipts.length >= model.release) {
    faults.push(`The model is not the one that round ${model.release} released.`);
  }
  return { faults, unconfirmed };
}
