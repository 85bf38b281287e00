import { EntitySchema } from 'typeorm';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { CurvePoint } from '../rounds/curve.js';
import type { Pace } from '../rounds/pace.js';
import type { Assignment, EvaluationState, RoundState, SiteState, Stage } from '../rounds/run.js';

export interface RoundRow {
  study: string;
  number: number;
  attempt: number;
  state: RoundState;
  deadline: Date | null;
  startedAt: Date;
  phaseSince: Date;
  endedAt: Date | null;
  /** Of the phases that have ended. */
  seconds: Record<string, number>;
  metrics: RoundMetrics | null;
}

export const roundTable = new EntitySchema<RoundRow>({
  name: 'round',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_round' },
    number: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_round' },
    attempt: { type: 'integer' },
    state: { type: 'text' },
    deadline: { type: 'timestamptz', nullable: true },
    startedAt: { type: 'timestamptz' },
    phaseSince: { type: 'timestamptz' },
    endedAt: { type: 'timestamptz', nullable: true },
    seconds: { type: 'jsonb' },
    metrics: { type: 'jsonb', nullable: true },
  },
  foreignKeys: [
    { name: 'fk_round_study', target: 'study', columnNames: ['study'], referencedColumnNames: ['name'] },
  ],
});

export interface UploadRow {
  id: string;
  study: string;
  round: number;
  attempt: number;
  site: string;
  header: UpdateHeader;
  signature: string;
  completedAt: Date | null;
  createdAt: Date;
}

export const uploadTable = new EntitySchema<UploadRow>({
  name: 'upload',
  columns: {
    id: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_upload' },
    study: { type: 'text' },
    round: { type: 'integer' },
    attempt: { type: 'integer' },
    site: { type: 'text' },
    header: { type: 'jsonb' },
    signature: { type: 'text' },
    completedAt: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz' },
  },
  uniques: [{ name: 'uq_upload_round_attempt_site', columns: ['study', 'round', 'attempt', 'site'] }],
  foreignKeys: [
    {
      name: 'fk_upload_round',
      target: 'round',
      columnNames: ['study', 'round'],
      referencedColumnNames: ['study', 'number'],
    },
    { name: 'fk_upload_site', target: 'site', columnNames: ['site'], referencedColumnNames: ['name'] },
  ],
});

/** One site's part in one round. The primary key is what makes a contribution count once. */
export interface SiteRoundRow {
  study: string;
  round: number;
  site: string;
  state: SiteState;
  reason: string | null;
  evaluation: EvaluationState;
  /** Milliseconds since 1970 by stage reached. */
  stages: Partial<Record<Stage, number>>;
  due: Date | null;
  carried: Assignment | null;
  filmShare: number | null;
  /** As measured when the update came. */
  pace: Pace | null;
  /** The accepted upload. */
  upload: string | null;
  step: number;
  steps: number;
  losses: Record<string, number>;
  curve: CurvePoint[];
  filmsPerSecond: number;
  pseudo: PseudoCount | null;
  masses: UpdateMasses | null;
  uploadBytes: number;
  report: EvaluationReport | null;
}

export const siteRoundTable = new EntitySchema<SiteRoundRow>({
  name: 'site_round',
  columns: {
    study: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_site_round' },
    round: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_site_round' },
    site: { type: 'text', primary: true, primaryKeyConstraintName: 'pk_site_round' },
    state: { type: 'text' },
    reason: { type: 'text', nullable: true },
    evaluation: { type: 'text' },
    stages: { type: 'jsonb', default: {} },
    due: { type: 'timestamptz', nullable: true },
    carried: { type: 'jsonb', nullable: true },
    filmShare: { type: 'double precision', nullable: true },
    pace: { type: 'jsonb', nullable: true },
    upload: { type: 'text', nullable: true },
    step: { type: 'integer', default: 0 },
    steps: { type: 'integer', default: 0 },
    losses: { type: 'jsonb', default: {} },
    curve: { type: 'jsonb', default: [] },
    filmsPerSecond: { type: 'double precision', default: 0 },
    pseudo: { type: 'jsonb', nullable: true },
    masses: { type: 'jsonb', nullable: true },
    uploadBytes: { type: 'bigint', default: 0 },
    report: { type: 'jsonb', nullable: true },
  },
  foreignKeys: [
    {
      name: 'fk_site_round_round',
      target: 'round',
      columnNames: ['study', 'round'],
      referencedColumnNames: ['study', 'number'],
    },
    {
      name: 'fk_site_round_upload',
      target: 'upload',
      columnNames: ['upload'],
      referencedColumnNames: ['id'],
    },
  ],
});
