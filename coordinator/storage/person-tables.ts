import { EntitySchema } from 'typeorm';
import type { Role } from '../people/roles.js';

export interface PersonRow {
  name: string;
  role: Role;
  /** shared/access/password.ts; null until the person has chosen one. */
  passwordHash: string | null;
  createdAt: Date;
  removedAt: Date | null;
}

export const personTable = new EntitySchema<PersonRow>({
  name: 'person',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_person' },
    role: { type: 'text' },
    passwordHash: { type: 'text', nullable: true },
    createdAt: { type: 'timestamptz' },
    removedAt: { type: 'timestamptz', nullable: true },
  },
});

function ofPerson(name: string) {
  return {
    name,
    target: 'person',
    columnNames: ['person'],
    referencedColumnNames: ['name'],
    onDelete: 'CASCADE' as const,
  };
}

/** With its secret a person chooses a password, once. */
export interface PersonInvitationRow {
  secretHash: string;
  person: string;
  expiresAt: Date;
}

export const personInvitationTable = new EntitySchema<PersonInvitationRow>({
  name: 'person_invitation',
  columns: {
    secretHash: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_person_invitation' },
    person: { type: 'text' },
    expiresAt: { type: 'timestamptz' },
  },
  foreignKeys: [ofPerson('fk_person_invitation_person')],
});

export interface PersonSessionRow {
  tokenHash: string;
  person: string;
  expiresAt: Date;
}

export const personSessionTable = new EntitySchema<PersonSessionRow>({
  name: 'person_session',
  columns: {
    tokenHash: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_person_session' },
    person: { type: 'text' },
    expiresAt: { type: 'timestamptz' },
  },
  foreignKeys: [ofPerson('fk_person_session_person')],
});
