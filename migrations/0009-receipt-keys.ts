import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A receipt itself names the key of each counted site. Those of the first form do not, so that anybody could countersign them:
 * they prove nothing and go, with their countersignatures.
 */
export class ReceiptKeys1785800000000 implements MigrationInterface {
  readonly name = 'ReceiptKeys1785800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM receipt WHERE receipt->>'version' = '1'`);
    await queryRunner.query('ALTER TABLE countersignature DROP COLUMN sign_key');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE countersignature ADD COLUMN sign_key text NOT NULL DEFAULT ''`);
    await queryRunner.query('ALTER TABLE countersignature ALTER COLUMN sign_key DROP DEFAULT');
  }
}
