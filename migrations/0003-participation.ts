import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far each site came in each round, how fast it was, and what share of the films it holds. */
const UP = `ALTER TABLE site_round
  ADD COLUMN stages jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN due timestamptz,
  ADD COLUMN carried jsonb,
  ADD COLUMN film_share double precision,
  ADD COLUMN pace jsonb`;

const DOWN = `ALTER TABLE site_round
  DROP COLUMN stages, DROP COLUMN due, DROP COLUMN carried, DROP COLUMN film_share, DROP COLUMN pace`;

export class Participation1785200000000 implements MigrationInterface {
  readonly name = 'Participation1785200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(DOWN);
  }
}
