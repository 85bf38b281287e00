import { EntitySchema } from 'typeorm';
import type { Countersignature, SignedReceipt } from '@fedoxnet/shared/receipts/receipt';

export interface ReceiptRow extends SignedReceipt {
  study: string;
  round: number;
}

export const receiptTable = new EntitySchema<ReceiptRow>({
  name: 'receipt',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_receipt' },
    round: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_receipt' },
    receipt: { type: 'jsonb' },
    signature: { type: 'text' },
  },
  foreignKeys: [
    {
      name: 'fk_receipt_round',
      target: 'round',
      columnNames: ['study', 'round'],
      referencedColumnNames: ['study', 'number'],
    },
  ],
});

export interface CountersignatureRow extends Countersignature {
  study: string;
  round: number;
  at: Date;
}

export const countersignatureTable = new EntitySchema<CountersignatureRow>({
  name: 'countersignature',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_countersignature' },
    round: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_countersignature' },
    site: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_countersignature' },
    signature: { type: 'text' },
    at: { type: 'timestamptz' },
  },
  foreignKeys: [
    {
      name: 'fk_countersignature_receipt',
      target: 'receipt',
      columnNames: ['study', 'round'],
      referencedColumnNames: ['study', 'round'],
      onDelete: 'CASCADE',
    },
  ],
});
