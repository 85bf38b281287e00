import type { EntityManager } from 'typeorm';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import {
  ChainCheck,
  nextEntry,
  type AuditEntry,
  type AuditKind,
  type AuditVerdict,
  type SignAudit,
} from '../audit/audit-chain.js';
import { auditTable } from './audit-table.js';

const AUDIT_LOCK = 0x0f_ed_a0;
const PAGE = 1000;

/** The append-only log. Append in the transaction of the deed, so that neither is without the other. */
export class AuditStore {
  readonly #manager: EntityManager;
  readonly #sign: SignAudit;

  constructor(manager: EntityManager, sign: SignAudit) {
    this.#manager = manager;
    this.#sign = sign;
  }

  /** Must run in a transaction: its lock lets one writer at a time see the end of the chain. */
  async append(at: Date, kind: AuditKind, detail: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#manager.query('SELECT pg_advisory_xact_lock($1)', [AUDIT_LOCK]);
    const [last] = await this.#manager.find(auditTable, { order: { sequence: 'DESC' }, take: 1 });
    await this.#manager.insert(auditTable, nextEntry(last ?? null, at, kind, detail, this.#sign));
    failpoint('coordinator.audit.appended');
  }

  /** @param after sequence number; entries that follow it, at most 1000 */
  async page(after: number): Promise<AuditEntry[]> {
    return this.#manager
      .createQueryBuilder(auditTable, 'audit')
      .where('audit.sequence > :after', { after })
      .orderBy('audit.sequence', 'ASC')
      .limit(PAGE)
      .getMany();
  }

  /** All entries, first to last. */
  async *entries(): AsyncGenerator<AuditEntry> {
    for (let after = 0; ;) {
      const page = await this.page(after);
      yield* page;
      if (page.length < PAGE) return;
      after += page.length;
    }
  }

  /** The latest entry of a kind. */
  lastOf(kind: AuditKind): Promise<AuditEntry | null> {
    return this.#manager.findOne(auditTable, { where: { kind }, order: { sequence: 'DESC' } });
  }

  /** @param firstSignKey of the coordinator, before any rotation */
  async verify(firstSignKey: string): Promise<AuditVerdict> {
    const check = new ChainCheck(firstSignKey);
    for await (const entry of this.entries()) if (!check.take(entry)) return check.verdict(false);
    return check.verdict(true);
  }
}
