import { EntitySchema } from 'typeorm';
import type { ReleaseHeader, SealedKeyFor, StateHeader } from '@fedoxnet/shared/sealing/header';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { StudyState } from '../rounds/run.js';

/** What the coordinator knows of a study's model: names, shapes and roles, in file order. */
export interface StoredModel {
  readonly tensors: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly roles: TensorRoles;
}

export interface StudyRow {
  name: string;
  plan: StudyPlan;
  planHash: string;
  state: StudyState;
  reason: string | null;
  model: StoredModel | null;
  /** Raised by every step of the study's rounds; a writer that saw an older one has lost the race. */
  version: number;
  createdAt: Date;
}

export const studyTable = new EntitySchema<StudyRow>({
  name: 'study',
  columns: {
    name: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_study' },
    plan: { type: 'jsonb' },
    planHash: { type: 'text' },
    state: { type: 'text' },
    reason: { type: 'text', nullable: true },
    model: { type: 'jsonb', nullable: true },
    version: { type: 'integer', default: 0 },
    createdAt: { type: 'timestamptz' },
  },
});

export interface ApprovalRow {
  study: string;
  site: string;
  hash: string;
  signature: string;
  approvedAt: Date;
}

export const approvalTable = new EntitySchema<ApprovalRow>({
  name: 'approval',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_approval' },
    site: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_approval' },
    hash: { type: 'text' },
    signature: { type: 'text' },
    approvedAt: { type: 'timestamptz' },
  },
  foreignKeys: [
    { name: 'fk_approval_study', target: 'study', columnNames: ['study'], referencedColumnNames: ['name'] },
    { name: 'fk_approval_site', target: 'site', columnNames: ['site'], referencedColumnNames: ['name'] },
  ],
});

/** What the server's optimiser keeps of a round, sealed for the coordinator itself. */
export interface StoredState {
  readonly header: StateHeader;
  readonly ownKey: SealedKeyFor;
}

export interface ReleaseRow {
  study: string;
  number: number;
  header: ReleaseHeader;
  signature: string;
  /** The data key, sealed for the coordinator's own box key, so that the database alone opens nothing. */
  ownKey: SealedKeyFor;
  /** Stored with the release it belongs to, or not at all; null where the plan keeps none. */
  state: StoredState | null;
  createdAt: Date;
}

export const releaseTable = new EntitySchema<ReleaseRow>({
  name: 'release',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_release' },
    number: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_release' },
    header: { type: 'jsonb' },
    signature: { type: 'text' },
    ownKey: { type: 'jsonb' },
    state: { type: 'jsonb', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
  foreignKeys: [
    { name: 'fk_release_study', target: 'study', columnNames: ['study'], referencedColumnNames: ['name'] },
  ],
});
