import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '@fedoxnet/shared/ids';
import { signedReceipt, type Receipt, type SignedReceipt } from '@fedoxnet/shared/receipts/receipt';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

/** What this site gave to a round, written before the first byte of it leaves. */
const contribution = z.strictObject({
  round: z.number().int().min(1),
  attempt: z.number().int().min(1),
  /** Digest of the release it was trained from. */
  base: sha256Hex,
  /** Digest and bytes of the update's plaintext. */
  update: sha256Hex,
  bytes: z.number().int().min(1),
  at: z.iso.datetime(),
});
export type Contribution = z.infer<typeof contribution>;

const present = z.strictObject({
  version: z.literal(2),
  contributions: z.array(contribution),
  /** Receipts that this site countersigned. */
  receipts: z.array(signedReceipt),
});
type RecordsFile = z.infer<typeof present>;
/** Receipts of the first form named no keys; what the site gave is still true. */
const before = z
  .strictObject({
    version: z.literal(1),
    contributions: z.array(contribution),
    receipts: z.array(z.unknown()),
  })
  .transform(({ contributions }): RecordsFile => ({ version: 2, contributions, receipts: [] }));
const recordsFile = z.union([present, before]);

/** A site's own memory of what it gave to a study, against which every receipt is held. `HOME/records/STUDY.json`. */
export class RoundRecords {
  /** Changes come one after another: a round is noted while receipts of others are countersigned. */
  private changing: Promise<void> = Promise.resolve();

  constructor(private readonly home: string) {}

  /** The same contribution again, after a restart, changes nothing. */
  contributed(study: string, made: Contribution): Promise<void> {
    return this.change(study, (file) => {
      if (find(file, made)?.update === made.update) return file;
      const others = file.contributions.filter((other) => !isSame(made, other));
      return { ...file, contributions: [...others, made] };
    });
  }

  async contribution(
    study: string,
    at: Pick<Contribution, 'round' | 'attempt'>,
  ): Promise<Contribution | null> {
    return find(await this.read(study), at);
  }

  countersigned(signed: SignedReceipt): Promise<void> {
    const { study, round } = signed.receipt;
    return this.change(study, (file) => {
      const others = file.receipts.filter(({ receipt }) => receipt.round !== round);
      return { ...file, receipts: [...others, signed] };
    });
  }

  /** Those this site countersigned. */
  async receipts(study: string): Promise<Receipt[]> {
    return (await this.read(study)).receipts.map(({ receipt }) => receipt);
  }

  private async read(study: string): Promise<RecordsFile> {
    const file = await readJsonFile(this.path(study), recordsFile, 'CONFIG_INVALID');
    return file ?? { version: 2, contributions: [], receipts: [] };
  }

  /** Writes what `changed` makes of the file, unless that is the same file. */
  private change(study: string, changed: (file: RecordsFile) => RecordsFile): Promise<void> {
    const result = this.changing.then(async () => {
      const file = await this.read(study);
      const next = changed(file);
      if (next !== file) await writeFileAtomic(this.path(study), `${JSON.stringify(next)}\n`, 0o600);
    });
    this.changing = result.catch(() => undefined);
    return result;
  }

  private path(study: string): string {
    return join(this.home, 'records', `${study}.json`);
  }
}

function isSame(
  a: Pick<Contribution, 'round' | 'attempt'>,
  b: Pick<Contribution, 'round' | 'attempt'>,
): boolean {
  return a.round === b.round && a.attempt === b.attempt;
}

function find(file: RecordsFile, at: Pick<Contribution, 'round' | 'attempt'>): Contribution | null {
  return file.contributions.find((made) => isSame(made, at)) ?? null;
}
