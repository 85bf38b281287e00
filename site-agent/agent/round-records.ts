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

const recordsFile = z.strictObject({
  version: z.literal(1),
  contributions: z.array(contribution),
  /** Receipts that this site countersigned. */
  receipts: z.array(signedReceipt),
});
type RecordsFile = z.infer<typeof recordsFile>;

/** A site's own memory of what it gave to a study, against which every receipt is held. `HOME/records/STUDY.json`. */
export class RoundRecords {
  constructor(private readonly home: string) {}

  /** The same contribution again, after a restart, changes nothing. */
  async contributed(study: string, made: Contribution): Promise<void> {
    const file = await this.read(study);
    if (find(file, made)?.update === made.update) return;
    const others = file.contributions.filter(({ round, attempt }) => !isSame(made, { round, attempt }));
    await this.write(study, { ...file, contributions: [...others, made] });
  }

  async contribution(
    study: string,
    at: Pick<Contribution, 'round' | 'attempt'>,
  ): Promise<Contribution | null> {
    return find(await this.read(study), at);
  }

  async countersigned(signed: SignedReceipt): Promise<void> {
    const { study, round } = signed.receipt;
    const file = await this.read(study);
    const others = file.receipts.filter(({ receipt }) => receipt.round !== round);
    await this.write(study, { ...file, receipts: [...others, signed] });
  }

  /** Those this site countersigned. */
  async receipts(study: string): Promise<Receipt[]> {
    return (await this.read(study)).receipts.map(({ receipt }) => receipt);
  }

  private async read(study: string): Promise<RecordsFile> {
    const file = await readJsonFile(this.path(study), recordsFile, 'CONFIG_INVALID');
    return file ?? { version: 1, contributions: [], receipts: [] };
  }

  private write(study: string, file: RecordsFile): Promise<void> {
    return writeFileAtomic(this.path(study), `${JSON.stringify(file)}\n`, 0o600);
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
