import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the server's optimiser keeps from round to round lies sealed among the blobs; a release's row names its own. */
export class ServerState1785600000000 implements MigrationInterface {
  readonly name = 'ServerState1785600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE release ADD COLUMN state jsonb');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE release DROP COLUMN state');
  }
}
