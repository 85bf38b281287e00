import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What became of the teacher's boxes at each site in each round. */
export class PseudoBoxes1785500000000 implements MigrationInterface {
  readonly name = 'PseudoBoxes1785500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE site_round ADD COLUMN pseudo jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE site_round DROP COLUMN pseudo');
  }
}
