import { createHash } from 'node:crypto';

/** What is worth proving later. */
export const AUDIT_KINDS = [
  'invite-person',
  'choose-password',
  'remove-person',
  'sign-in',
  'sign-in-refused',
  'invite',
  'enrol',
  'rotate',
  'revoke',
  'create-study',
  'initial-model',
  'approve',
  'start',
  'pause',
  'resume',
  'cancel',
  'upload-accepted',
  'upload-refused',
  'aggregate',
  'publish',
  'site-missed',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** One line of the log. Each carries the hash of the one before it, so none can be changed, moved or taken out unseen. */
export interface AuditEntry {
  /** 1, 2, 3, … without gaps. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: AuditKind;
  /** JSON, kept as text: it is hashed as it is. */
  readonly detail: string;
  /** Hash of the entry before, or `GENESIS`. */
  readonly previous: string;
  readonly hash: string;
}

export const GENESIS = '0'.repeat(64);

/** SHA-256 over a JSON array, whose quoting keeps neighbouring fields apart. */
function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const text = JSON.stringify([entry.sequence, entry.at, entry.kind, entry.detail, entry.previous]);
  return createHash('sha256').update(text).digest('hex');
}

export function nextEntry(
  last: Pick<AuditEntry, 'sequence' | 'hash'> | null,
  at: Date,
  kind: AuditKind,
  detail: Readonly<Record<string, unknown>>,
): AuditEntry {
  const entry = {
    sequence: (last?.sequence ?? 0) + 1,
    at: at.toISOString(),
    kind,
    detail: JSON.stringify(detail),
    previous: last?.hash ?? GENESIS,
  };
  return { ...entry, hash: hashOf(entry) };
}

export interface AuditVerdict {
  readonly entries: number;
  /** Hash of the last entry: written down elsewhere, it proves that the end of the log was not cut off. */
  readonly head: string;
  /** Sequence number of the first entry that does not hold, null when all do. */
  readonly brokenAt: number | null;
}

/** @param entries in rising sequence, from the first */
export function verifyChain(entries: Iterable<AuditEntry>): AuditVerdict {
  let count = 0;
  let head = GENESIS;
  for (const entry of entries) {
    const holds = entry.sequence === count + 1 && entry.previous === head && entry.hash === hashOf(entry);
    if (!holds) return { entries: count, head, brokenAt: count + 1 };
    count += 1;
    head = entry.hash;
  }
  return { entries: count, head, brokenAt: null };
}
