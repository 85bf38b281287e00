import type { EntityManager } from 'typeorm';
import type { CountersignedReceipt, SignedReceipt } from '@fedoxnet/shared/receipts/receipt';
import {
  countersignatureTable,
  receiptTable,
  type CountersignatureRow,
  type ReceiptRow,
} from './receipt-tables.js';

/** Receipts of rounds and who countersigned them. */
export class ReceiptStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  /** Replaces that of an earlier try, whose countersignatures were for something else. */
  async put(signed: SignedReceipt): Promise<void> {
    const { study, round } = signed.receipt;
    await this.#manager.delete(receiptTable, { study, round });
    await this.#manager.insert(receiptTable, { ...signed, study, round });
  }

  find(study: string, round: number): Promise<ReceiptRow | null> {
    return this.#manager.findOneBy(receiptTable, { study, round });
  }

  /** Of every round, in order. */
  async all(study: string): Promise<CountersignedReceipt[]> {
    const receipts = await this.#manager.find(receiptTable, { where: { study }, order: { round: 'ASC' } });
    const signatures = await this.#manager.find(countersignatureTable, { where: { study } });
    return receipts.map(({ round, receipt, signature }) => ({
      receipt,
      signature,
      countersignatures: signatures
        .filter((by) => by.round === round)
        .map((by) => ({ site: by.site, signature: by.signature }))
        .sort((a, b) => (a.site < b.site ? -1 : 1)), // as the receipt has them; a database sorts by its own locale
    }));
  }

  /**
   * Receipts that count this site and that it has not countersigned, by study and round, at most `limit`.
   * @param after the place behind which to go on
   */
  async awaiting(
    site: string,
    limit: number,
    after: { readonly study: string; readonly round: number } | null,
  ): Promise<SignedReceipt[]> {
    const query = this.#manager
      .createQueryBuilder(receiptTable, 'receipt')
      .where('receipt.receipt @> :counted', { counted: JSON.stringify({ counted: [{ site }] }) })
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM countersignature c
          WHERE c.study = receipt.study AND c.round = receipt.round AND c.site = :site)`,
        { site },
      )
      .orderBy('receipt.study', 'ASC')
      .addOrderBy('receipt.round', 'ASC')
      .limit(limit);
    if (after !== null) query.andWhere('(receipt.study, receipt.round) > (:study, :round)', after);
    const rows = await query.getMany();
    return rows.map(({ receipt, signature }) => ({ receipt, signature }));
  }

  /** False when the site has countersigned before. */
  async countersign(row: CountersignatureRow): Promise<boolean> {
    const inserted = await this.#manager
      .createQueryBuilder()
      .insert()
      .into(countersignatureTable)
      .values(row)
      .orIgnore()
      .returning('site')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }
}
