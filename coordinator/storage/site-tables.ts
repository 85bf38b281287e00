import { EntitySchema } from 'typeorm';
import type { SiteDescription } from '@fedoxnet/shared/protocol/socket-messages';

export interface SiteRow {
  name: string;
  /** Ed25519 and X25519 public keys, base64, pinned at enrolment. */
  signKey: string;
  boxKey: string;
  description: SiteDescription | null;
  enrolledAt: Date;
  revokedAt: Date | null;
}

export const siteTable = new EntitySchema<SiteRow>({
  name: 'site',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_site' },
    signKey: { type: 'text' },
    boxKey: { type: 'text' },
    description: { type: 'jsonb', nullable: true },
    enrolledAt: { type: 'timestamptz' },
    revokedAt: { type: 'timestamptz', nullable: true },
  },
});

/** A one-time invitation, known by the SHA-256 of its secret and bound to one site name, which has at most one open. */
export interface InvitationRow {
  secretHash: string;
  site: string;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
}

/** The rows of the index that keeps a site to one open invitation. */
export const OPEN_INVITATION = 'used_at IS NULL';

export const invitationTable = new EntitySchema<InvitationRow>({
  name: 'invitation',
  columns: {
    secretHash: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_invitation' },
    site: { type: 'text' },
    createdAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    usedAt: { type: 'timestamptz', nullable: true },
  },
  indices: [{ name: 'open_invitation', columns: ['site'], unique: true, where: OPEN_INVITATION }],
});

export interface ChallengeRow {
  value: string;
  site: string;
  expiresAt: Date;
}

export const challengeTable = new EntitySchema<ChallengeRow>({
  name: 'challenge',
  columns: {
    value: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_challenge' },
    site: { type: 'text' },
    expiresAt: { type: 'timestamptz' },
  },
});

export interface SessionRow {
  tokenHash: string;
  site: string;
  expiresAt: Date;
}

export const sessionTable = new EntitySchema<SessionRow>({
  name: 'session',
  columns: {
    tokenHash: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_session' },
    site: { type: 'text' },
    expiresAt: { type: 'timestamptz' },
  },
  foreignKeys: [
    {
      name: 'fk_session_site',
      target: 'site',
      columnNames: ['site'],
      referencedColumnNames: ['name'],
      onDelete: 'CASCADE',
    },
  ],
});
