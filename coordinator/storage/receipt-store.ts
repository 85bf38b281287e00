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
    const signatures = await this.#manager.find(countersignatureTable, {
      where: { study },
      order: { site: 'ASC' },
    });
    return receipts.map(({ round, receipt, signature }) => ({
      receipt,
      signature,
      countersignatures: signatures
        .filter((by) => by.round === round)
        .map((by) => ({ site: by.site, signKey: by.signKey, signature: by.signature })),
    }));
  }

  /** Receipts that count this site and that it has not countersigned, oldest first, at most `limit`. */
  async awaiting(site: string, limit: number): Promise<SignedReceipt[]> {
    const rows = await this.#manager
      .createQueryBuilder(receiptTable, 'receipt')
      .where('receipt.receipt @> :counted', { counted: JSON.stringify({ counted: [{ site }] }) })
      .andWhere(
        `NOT EXISTS (SELECT 1 FROM countersignature c
          WHERE c.study = receipt.study AND c.round = receipt.round AND c.site = :site)`,
        { site },
      )
      .orderBy('receipt.study', 'ASC')
      .addOrderBy('receipt.round', 'ASC')
      .limit(limit)
      .getMany();
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
