import { allSigners } from '../sealing/key-succession.js';
import {
  isCountersigned,
  isSignedBy,
  oddityOf,
  type CountersignedReceipt,
  type Receipt,
  type ReceiptFile,
} from './receipt.js';

/** A release that is to be checked. */
export interface CheckedModel {
  readonly study: string;
  readonly release: number;
  /** SHA-256 of the file. */
  readonly digest: string;
}

/** The signing keys of the coordinator that somebody knows by himself, base64. */
export interface PinnedSigner {
  readonly signKey: string;
  /** Those that it had before. */
  readonly former: readonly string[];
}

export interface ReceiptVerdict {
  /** What does not hold, one sentence each; empty when the model is what the receipts say. */
  readonly faults: readonly string[];
  /** Sites that were counted up to the model's release and whose countersignature is not in the file. */
  readonly unconfirmed: readonly { readonly round: number; readonly site: string }[];
}

/**
 * Follows the rounds from the first one: each receipt is signed by the coordinator and starts from the release before it, and
 * every countersignature is of the key that the receipt names for a counted site. The one of the model's round names the
 * model's digest. Later ones are held to the same, so that nothing in the file is there unchecked. Where the coordinator
 * replaced its keys the receipts follow: never a key before the one that signed the round before.
 * @param pinned null for somebody who knows no key: then all is held against the key that the file names
 */
export function checkReceipts(
  model: CheckedModel,
  file: ReceiptFile,
  pinned: PinnedSigner | null,
): ReceiptVerdict {
  const faults: string[] = [];
  if (file.study !== model.study)
    faults.push(`The receipts are of study ${file.study}, the model of ${model.study}.`);
  if (model.release === 0)
    faults.push('Release 0 is what the study began with: no round made it, so no receipt names it.');
  let signers = signersOf(file, pinned);
  if (signers === null) {
    faults.push(
      'The receipts do not show how their keys came from, or led to, the known key of the coordinator.',
    );
    signers = [];
  }
  let before: Receipt | null = null;
  for (const [at, signed] of file.receipts.entries()) {
    const round = at + 1;
    const { receipt } = signed;
    if (receipt.study !== file.study || receipt.round !== round || !follows(receipt, before))
      faults.push(`The receipt of round ${round} does not follow the one before it.`);
    const oddity = oddityOf(receipt);
    if (oddity !== null) faults.push(`The receipt of round ${round} ${oddity}.`);
    const signer = signers.findIndex((key) => isSignedBy(signed, key));
    if (signer < 0) faults.push(`The receipt of round ${round} is not signed by the coordinator.`);
    else signers = signers.slice(signer);
    for (const site of misplaced(signed))
      faults.push(`The countersignature of ${site} in round ${round} does not hold.`);
    before = receipt;
  }
  const made = file.receipts[model.release - 1]?.receipt;
  if (model.release > file.receipts.length)
    faults.push(`The receipt of round ${file.receipts.length + 1} is missing.`);
  else if (made !== undefined && made.release !== model.digest)
    faults.push(`The model is not the one that round ${model.release} released.`);
  return { faults, unconfirmed: file.receipts.slice(0, model.release).flatMap(unconfirmedOf) };
}

/**
 * The keys that may have signed, oldest first. A file from before a rotation that the pinned key came of ends in a former one.
 * @returns null when the file's keys have nothing to do with the pinned ones, or a link between them does not hold
 */
function signersOf(file: ReceiptFile, pinned: PinnedSigner | null): readonly string[] | null {
  const chain = allSigners(file.succession, file.signKey);
  if (chain === null || pinned === null) return chain;
  return chain.includes(pinned.signKey) || pinned.former.includes(file.signKey) ? chain : null;
}

/** Begins where the round before it ended, and so does each update that was carried out of that one, which did not count it. */
function follows({ round, base, counted }: Receipt, before: Receipt | null): boolean {
  if (before === null) return counted.every((entry) => entry.round === round);
  const carried = counted.filter((entry) => entry.round < round);
  return (
    base === before.release &&
    carried.every(({ site, base: from }) => from === before.base && !isCounted(before, site))
  );
}

function isCounted({ counted }: Receipt, site: string): boolean {
  return counted.some((entry) => entry.site === site);
}

/** Whose countersignature is not of the key that the receipt names, or stands there twice or out of order. */
function misplaced({ receipt, countersignatures }: CountersignedReceipt): string[] {
  return countersignatures
    .filter((by, at) => !isCountersigned(receipt, by) || by.site <= (countersignatures[at - 1]?.site ?? ''))
    .map(({ site }) => site);
}

function unconfirmedOf({ receipt, countersignatures }: CountersignedReceipt) {
  return receipt.counted
    .filter(({ site }) => !countersignatures.some((by) => by.site === site))
    .map(({ site }) => ({ round: receipt.round, site }));
}
