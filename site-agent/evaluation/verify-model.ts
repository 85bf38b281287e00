import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import {
  checkReceipts,
  type CheckedModel,
  type PinnedSigner,
  type ReceiptVerdict,
} from '@fedoxnet/shared/receipts/check-receipts';
import { receiptFile, type Receipt, type ReceiptFile } from '@fedoxnet/shared/receipts/receipt';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import { readJsonFile } from '../files/json-file.js';

/** What a site knows by itself: the coordinator's keys that it pinned, and the receipts it countersigned. */
export interface OwnKnowledge extends PinnedSigner {
  readonly site: string;
  receipts(study: string): Promise<readonly Receipt[]>;
}

export interface ModelVerdict extends ReceiptVerdict {
  readonly model: CheckedModel;
  /** The key that all was held against. */
  readonly signKey: string;
  /**
   * Rounds up to the model's that count this site, and that its own records and the file do not both show countersigned by it;
   * null where no site's home was given.
   */
  readonly unknownHere: readonly number[] | null;
}

const provenance = z.object({ study: shortName, release: z.coerce.number().int().min(0) });

/**
 * Checks offline that a model is the release it says it is: by the receipts beside it and, where there is a site's home, by
 * the key that the site pinned and by what it countersigned itself.
 * @throws {FederationError} `DATA_MISSING`, `WEIGHTS_INVALID`, `MODEL_INVALID`, `DATA_INVALID` for files that cannot be read as
 *   what they should be
 */
export async function verifyModel(
  model: string,
  receipts: string,
  own: OwnKnowledge | null,
): Promise<ModelVerdict> {
  const file = await readJsonFile(receipts, receiptFile, 'DATA_INVALID');
  if (file === null) throw new FederationError('DATA_MISSING', `The receipts ${receipts} cannot be read.`);
  const checked = await readProvenance(model);
  const { signKey } = own ?? file;
  const verdict = { model: checked, signKey, ...checkReceipts(checked, file, own) };
  if (own === null) return { ...verdict, unknownHere: null };
  const kept = await own.receipts(checked.study);
  return {
    ...verdict,
    faults: [...verdict.faults, ...contradictions(file, kept)],
    unknownHere: file.receipts
      .slice(0, checked.release)
      .filter(({ receipt: { counted } }) => counted.some(({ site }) => site === own.site))
      .filter(({ receipt: { round }, countersignatures }) => {
        const isShown = countersignatures.some(({ site }) => site === own.site);
        return !isShown || !kept.some((receipt) => receipt.round === round);
      })
      .map(({ receipt }) => receipt.round),
  };
}

function contradictions(file: ReceiptFile, own: readonly Receipt[]): string[] {
  return own.flatMap((kept) => {
    const shown = file.receipts.find(({ receipt }) => receipt.round === kept.round);
    const isSame = shown === undefined || canonicalJson(shown.receipt) === canonicalJson(kept);
    return isSame ? [] : [`The receipt of round ${kept.round} is not the one that this site countersigned.`];
  });
}

/** Study, release and digest of a safetensors file, read in pieces. */
async function readProvenance(path: string): Promise<CheckedModel> {
  const digest = new RunningDigest();
  const found: Record<string, string>[] = [];
  const stream = new SafetensorsStream(
    { onHeader: (_shapes, metadata) => void found.push({ ...metadata }), onValues: () => undefined },
    { finite: false },
  );
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      digest.update(piece);
      stream.push(piece);
    }
    stream.end();
  } catch (cause) {
    if (cause instanceof FederationError)
      throw new FederationError(cause.code, `${path}: ${cause.message}`, { cause });
    throw new FederationError('DATA_MISSING', `The model ${path} cannot be read.`, { cause });
  }
  const parsed = provenance.safeParse(found[0]);
  if (!parsed.success) {
    throw new FederationError(
      'MODEL_INVALID',
      `The model ${path} does not say which release of which study it is.`,
    );
  }
  return { ...parsed.data, digest: digest.hex() };
}
