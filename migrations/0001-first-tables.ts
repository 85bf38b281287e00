import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sites and their keys, studies, rounds, uploads, releases and the audit log. */
const UP = [
  `CREATE TABLE site (
    name text NOT NULL,
    sign_key text NOT NULL,
    box_key text NOT NULL,
    description jsonb,
    enrolled_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_site PRIMARY KEY (name)
  )`,
  `CREATE TABLE invitation (
    secret_hash text NOT NULL,
    site text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT pk_invitation PRIMARY KEY (secret_hash)
  )`,
  `CREATE TABLE challenge (
    value text NOT NULL,
    site text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_challenge PRIMARY KEY (value)
  )`,
  `CREATE TABLE session (
    token_hash text NOT NULL,
    site text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_session PRIMARY KEY (token_hash),
    CONSTRAINT fk_session_site FOREIGN KEY (site) REFERENCES site (name) ON DELETE CASCADE
  )`,
  `CREATE TABLE study (
    name text NOT NULL,
    plan jsonb NOT NULL,
    plan_hash text NOT NULL,
    state text NOT NULL,
    reason text,
    model jsonb,
    version integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_study PRIMARY KEY (name)
  )`,
  `CREATE TABLE approval (
    study text NOT NULL,
    site text NOT NULL,
    hash text NOT NULL,
    signature text NOT NULL,
    approved_at timestamptz NOT NULL,
    CONSTRAINT pk_approval PRIMARY KEY (study, site),
    CONSTRAINT fk_approval_study FOREIGN KEY (study) REFERENCES study (name),
    CONSTRAINT fk_approval_site FOREIGN KEY (site) REFERENCES site (name)
  )`,
  `CREATE TABLE release (
    study text NOT NULL,
    number integer NOT NULL,
    header jsonb NOT NULL,
    signature text NOT NULL,
    own_key jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_release PRIMARY KEY (study, number),
    CONSTRAINT fk_release_study FOREIGN KEY (study) REFERENCES study (name)
  )`,
  `CREATE TABLE round (
    study text NOT NULL,
    number integer NOT NULL,
    attempt integer NOT NULL,
    state text NOT NULL,
    deadline timestamptz,
    started_at timestamptz NOT NULL,
    phase_since timestamptz NOT NULL,
    ended_at timestamptz,
    seconds jsonb NOT NULL,
    metrics jsonb,
    CONSTRAINT pk_round PRIMARY KEY (study, number),
    CONSTRAINT fk_round_study FOREIGN KEY (study) REFERENCES study (name)
  )`,
  `CREATE TABLE upload (
    id text NOT NULL,
    study text NOT NULL,
    round integer NOT NULL,
    attempt integer NOT NULL,
    site text NOT NULL,
    header jsonb NOT NULL,
    signature text NOT NULL,
    completed_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_upload PRIMARY KEY (id),
    CONSTRAINT uq_upload_round_attempt_site UNIQUE (study, round, attempt, site),
    CONSTRAINT fk_upload_round FOREIGN KEY (study, round) REFERENCES round (study, number),
    CONSTRAINT fk_upload_site FOREIGN KEY (site) REFERENCES site (name)
  )`,
  `CREATE TABLE site_round (
    study text NOT NULL,
    round integer NOT NULL,
    site text NOT NULL,
    state text NOT NULL,
    reason text,
    evaluation text NOT NULL,
    upload text,
    step integer NOT NULL DEFAULT 0,
    steps integer NOT NULL DEFAULT 0,
    losses jsonb NOT NULL DEFAULT '{}',
    curve jsonb NOT NULL DEFAULT '[]',
    films_per_second double precision NOT NULL DEFAULT 0,
    masses jsonb,
    upload_bytes bigint NOT NULL DEFAULT 0,
    report jsonb,
    CONSTRAINT pk_site_round PRIMARY KEY (study, round, site),
    CONSTRAINT fk_site_round_round FOREIGN KEY (study, round) REFERENCES round (study, number),
    CONSTRAINT fk_site_round_upload FOREIGN KEY (upload) REFERENCES upload (id)
  )`,
  `CREATE TABLE audit (
    sequence integer NOT NULL,
    at text NOT NULL,
    kind text NOT NULL,
    detail text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (sequence)
  )`,
];

const TABLES = [
  'audit',
  'site_round',
  'upload',
  'round',
  'release',
  'approval',
  'study',
  'session',
  'challenge',
  'invitation',
  'site',
];

export class FirstTables1785000000000 implements MigrationInterface {
  readonly name = 'FirstTables1785000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of TABLES) await queryRunner.query(`DROP TABLE ${table}`);
  }
}
