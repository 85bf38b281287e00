import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People, how they get in, and their sessions. */
const UP = [
  `CREATE TABLE person (
    name text NOT NULL,
    role text NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT pk_person PRIMARY KEY (name)
  )`,
  `CREATE TABLE person_invitation (
    secret_hash text NOT NULL,
    person text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_person_invitation PRIMARY KEY (secret_hash),
    CONSTRAINT fk_person_invitation_person FOREIGN KEY (person) REFERENCES person (name) ON DELETE CASCADE
  )`,
  `CREATE TABLE person_session (
    token_hash text NOT NULL,
    person text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_person_session PRIMARY KEY (token_hash),
    CONSTRAINT fk_person_session_person FOREIGN KEY (person) REFERENCES person (name) ON DELETE CASCADE
  )`,
];

export class People1785100000000 implements MigrationInterface {
  readonly name = 'People1785100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['person_session', 'person_invitation', 'person']) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }
}
