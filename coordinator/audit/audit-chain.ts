import { createHash } from 'node:crypto';
import { keySuccession } from '@fedoxnet/shared/protocol/http-messages';
import { isSuccession } from '@fedoxnet/shared/sealing/key-succession';
import { verifyText } from '@fedoxnet/shared/sealing/signature';

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
  'rotate-coordinator',
  'revoke',
  'connected-twice',
  'create-study',
  'initial-model',
  'approve',
  'census',
  'start',
  'pause',
  'resume',
  'cancel',
  'upload-accepted',
  'upload-refused',
  'upload-replaced',
  'refused',
  'refusals-left-out',
  'aggregate',
  'publish',
  'site-missed',
  'countersign',
  'export',
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
  /** Ed25519 of the coordinator over the hash, base64. Null in entries from before the log was signed. */
  readonly signature: string | null;
}

export const AUDIT_LABEL = 'fedoxnet audit v1';

/** Signs an entry's hash under `AUDIT_LABEL`: whoever can write the database, but lacks the key, cannot make a chain. */
export type SignAudit = (hash: string) => string;

export const GENESIS = '0'.repeat(64);

/** SHA-256 over a JSON array, whose quoting keeps neighbouring fields apart. */
function hashOf(entry: Omit<AuditEntry, 'hash' | 'signature'>): string {
  const text = JSON.stringify([entry.sequence, entry.at, entry.kind, entry.detail, entry.previous]);
  return createHash('sha256').update(text).digest('hex');
}

export function nextEntry(
  last: Pick<AuditEntry, 'sequence' | 'hash'> | null,
  at: Date,
  kind: AuditKind,
  detail: Readonly<Record<string, unknown>>,
  sign: SignAudit,
): AuditEntry {
  const entry = {
    sequence: (last?.sequence ?? 0) + 1,
    at: at.toISOString(),
    kind,
    detail: JSON.stringify(detail),
    previous: last?.hash ?? GENESIS,
  };
  const hash = hashOf(entry);
  return { ...entry, hash, signature: sign(hash) };
}

export interface AuditVerdict {
  readonly entries: number;
  /** Hash of the last entry: written down elsewhere, it proves that the end of the log was not cut off. */
  readonly head: string;
  /** Sequence number of the first entry that does not hold, null when all do. */
  readonly brokenAt: number | null;
}

function parseDetail(detail: string): unknown {
  try {
    return JSON.parse(detail);
  } catch {
    return null;
  }
}

/** Follows the chain link by link. Once an entry is signed, all that follow must be. */
export class ChainCheck {
  #entries = 0;
  #head = GENESIS;
  #isSigned = false;
  readonly #signers: string[];

  /** @param signKey the coordinator's first, base64; entries of kind `rotate-coordinator` lead on from it */
  constructor(signKey: string) {
    this.#signers = [signKey];
  }

  /** The keys that signed so far, oldest first. */
  get signers(): readonly string[] {
    return this.#signers;
  }

  /** The key that signs from here on. */
  get signer(): string {
    return this.#signers[this.#signers.length - 1] as string;
  }

  /** @param entry the next in rising sequence. @returns false when it does not hold; then nothing after it can */
  take(entry: AuditEntry): boolean {
    const { sequence, previous, hash, signature } = entry;
    const isLinked = sequence === this.#entries + 1 && previous === this.#head && hash === hashOf(entry);
    if (!isLinked || !this.#holds(hash, signature)) return false;
    if (entry.kind === 'rotate-coordinator' && !this.#follow(entry.detail)) return false;
    this.#entries += 1;
    this.#head = hash;
    this.#isSigned ||= signature !== null;
    return true;
  }

  /** What was found, once all entries were taken or one of them was not. */
  verdict(isWhole: boolean): AuditVerdict {
    return { entries: this.#entries, head: this.#head, brokenAt: isWhole ? null : this.#entries + 1 };
  }

  #holds(hash: string, signature: string | null): boolean {
    if (signature === null) return !this.#isSigned;
    return verifyText(AUDIT_LABEL, hash, signature, this.signer);
  }

  #follow(detail: string): boolean {
    const link = keySuccession.safeParse(parseDetail(detail));
    if (!link.success || link.data.from !== this.signer || !isSuccession(link.data)) return false;
    this.#signers.push(link.data.keys.signKey);
    return true;
  }
}
