import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The signed record of what each round counted, its countersignatures, and signatures in the audit log. */
const UP = [
  `CREATE TABLE receipt (
    study text NOT NULL,
    round integer NOT NULL,
    receipt jsonb NOT NULL,
    signature text NOT NULL,
    CONSTRAINT pk_receipt PRIMARY KEY (study, round),
    CONSTRAINT fk_receipt_round FOREIGN KEY (study, round) REFERENCES round (study, number)
  )`,
  `CREATE TABLE countersignature (
    study text NOT NULL,
    round integer NOT NULL,
    site text NOT NULL,
    sign_key text NOT NULL,
    signature text NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_countersignature PRIMARY KEY (study, round, site),
    CONSTRAINT fk_countersignature_receipt FOREIGN KEY (study, round) REFERENCES receipt (study, round) ON DELETE CASCADE
  )`,
  `ALTER TABLE audit ADD COLUMN signature text`,
];

const DOWN = [`ALTER TABLE audit DROP COLUMN signature`, `DROP TABLE countersignature`, `DROP TABLE receipt`];

export class Receipts1785300000000 implements MigrationInterface {
  readonly name = 'Receipts1785300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}
