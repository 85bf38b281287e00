import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { LEDGER_FOLDER } from './ledger.js';
import { sentItem, type SentItem, type SentKind } from './sent-item.js';

/** What belongs together: an update with its chunks, all session proofs, the progress of one round. */
export interface LedgerRow extends Pick<SentItem, 'study' | 'round' | 'attempt' | 'to' | 'items' | 'bytes'> {
  readonly what: SentKind;
  /** First and last time, ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** Null where the row holds bodies of several digests. */
  readonly digest: string | null;
}

export interface DayRecord {
  readonly day: string;
  readonly items: number;
  readonly bytes: number;
  /** Latest first. */
  readonly rows: readonly LedgerRow[];
}

/** The days on which anything left, latest first. */
export async function ledgerDays(home: string): Promise<string[]> {
  const names = await readdir(join(home, LEDGER_FOLDER)).catch((): string[] => []);
  return names
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1] ?? [])
    .sort()
    .reverse();
}

/**
 * What left the site on a day; an empty record where nothing did.
 * @throws {FederationError} `DATA_INVALID` naming a line that is none of the ledger's
 */
export async function readDay(home: string, day: string): Promise<DayRecord> {
  const path = join(home, LEDGER_FOLDER, `${day}.jsonl`);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new FederationError('DATA_INVALID', `${path} cannot be read (${error.code ?? ''}).`);
  });
  const lines = text.split('\n');
  return summarise(
    day,
    lines.flatMap((line, index) => parseLine(line, `${path}, line ${index + 1}`)),
  );
}

/** Nothing for a line that a full disk cut off: it was written again. */
function parseLine(line: string, where: string): SentItem[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return [];
  }
  const parsed = sentItem.safeParse(value);
  if (parsed.success) return [parsed.data];
  throw new FederationError('DATA_INVALID', `${where} is not an entry of the ledger.`, {
    cause: parsed.error,
  });
}

export function summarise(day: string, items: readonly SentItem[]): DayRecord {
  const rows = new Map<string, LedgerRow>();
  for (const item of items) {
    const { what, study, round, attempt, to, at, bytes, digest = null } = item;
    const key = JSON.stringify([what, study, round, attempt, to, what === 'update' ? digest : '']);
    const row = rows.get(key);
    rows.set(key, {
      ...{ what, study, round, attempt, to },
      ...{ items: (row?.items ?? 0) + item.items, bytes: (row?.bytes ?? 0) + bytes },
      ...{ from: row?.from ?? at, until: at },
      digest: row === undefined || row.digest === digest ? digest : null,
    });
  }
  const sum = (of: (row: LedgerRow) => number): number =>
    [...rows.values()].reduce((all, row) => all + of(row), 0);
  return {
    day,
    items: sum((row) => row.items),
    bytes: sum((row) => row.bytes),
    rows: [...rows.values()].sort((a, b) => b.until.localeCompare(a.until)),
  };
}
