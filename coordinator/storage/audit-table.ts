import { EntitySchema } from 'typeorm';
import type { AuditEntry } from '../audit/audit-chain.js';

export const auditTable = new EntitySchema<AuditEntry>({
  name: 'audit',
  columns: {
    sequence: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_audit' },
    at: { type: 'text' },
    kind: { type: 'text' },
    detail: { type: 'text' },
    previous: { type: 'text' },
    hash: { type: 'text' },
    signature: { type: 'text', nullable: true },
  },
});
