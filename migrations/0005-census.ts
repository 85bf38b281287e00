import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each site of a study last told of its films, small counts withheld. */
const UP = `CREATE TABLE site_census (
  study text NOT NULL,
  site text NOT NULL,
  census jsonb NOT NULL,
  received_at timestamptz NOT NULL,
  CONSTRAINT pk_site_census PRIMARY KEY (study, site),
  CONSTRAINT fk_site_census_study FOREIGN KEY (study) REFERENCES study (name),
  CONSTRAINT fk_site_census_site FOREIGN KEY (site) REFERENCES site (name)
)`;

export class Census1785400000000 implements MigrationInterface {
  readonly name = 'Census1785400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(UP);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE site_census');
  }
}
