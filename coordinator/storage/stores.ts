import type { EntityManager } from 'typeorm';
import type { SignAudit } from '../audit/audit-chain.js';
import { AuditStore } from './audit-store.js';
import { CensusStore } from './census-store.js';
import { PersonStore } from './person-store.js';
import { ReceiptStore } from './receipt-store.js';
import { RoundStore } from './round-store.js';
import { SiteStore } from './site-store.js';
import { StudyStore } from './study-store.js';
import { UploadStore } from './upload-store.js';

/** Everything that can be read from and written to the database, in the words of the rest of the coordinator. */
export interface Stores {
  readonly sites: SiteStore;
  readonly people: PersonStore;
  readonly studies: StudyStore;
  readonly rounds: RoundStore;
  readonly uploads: UploadStore;
  readonly receipts: ReceiptStore;
  readonly censuses: CensusStore;
  readonly audit: AuditStore;
}

/** @param signAudit signs what is written to the audit log */
export function storesOn(manager: EntityManager, signAudit: SignAudit): Stores {
  return {
    sites: new SiteStore(manager),
    people: new PersonStore(manager),
    studies: new StudyStore(manager),
    rounds: new RoundStore(manager),
    uploads: new UploadStore(manager),
    receipts: new ReceiptStore(manager),
    censuses: new CensusStore(manager),
    audit: new AuditStore(manager, signAudit),
  };
}
