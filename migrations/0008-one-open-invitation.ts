import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A site has at most one open invitation, and none from before it last enrolled or was revoked. */
const UP = [
  `DELETE FROM invitation earlier USING invitation later
    WHERE earlier.used_at IS NULL AND later.used_at IS NULL AND earlier.site = later.site
      AND (earlier.created_at, earlier.secret_hash) < (later.created_at, later.secret_hash)`,
  `DELETE FROM invitation USING site
    WHERE invitation.site = site.name AND invitation.used_at IS NULL
      AND invitation.created_at <= greatest(site.enrolled_at, site.revoked_at)`,
  `CREATE UNIQUE INDEX open_invitation ON invitation (site) WHERE used_at IS NULL`,
];

export class OneOpenInvitation1785700000000 implements MigrationInterface {
  readonly name = 'OneOpenInvitation1785700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX open_invitation');
  }
}
