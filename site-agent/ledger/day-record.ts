import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { LEDGER_FOLDER } from './ledger.js';
import { sentItem, type SentItem, type SentKind } from './sent-item.js';

/** What belongs together: an update with its chunks, one report, all session proofs, the progress of one round. */
export interface LedgerRow extends Pick<SentItem, 'study' | 'round' | 'attempt' | 'to' | 'items' | 'bytes'> {
  readonly what: SentKind;
  /** First and last time, ISO 8601. */
  readonly from: string;
  readonly until: string;
  /** Null where the row holds bodies of several digests. */
  readonly digest: string | null;
}

export interface Amount {
  readonly items: number;
  readonly bytes: number;
}

/** Its own items and bytes are those that left the site. */
export interface DayRecord extends Amount {
  readonly day: string;
  /** What left this machine for other systems of the hospital. */
  readonly reports: Amount;
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

/** Kinds of which every digest has a row of its own. */
const BY_DIGEST: ReadonlySet<SentKind> = new Set(['update', 'findings report']);

export function summarise(day: string, items: readonly SentItem[]): DayRecord {
  const rows = new Map<string, LedgerRow>();
  for (const item of items) {
    const { what, study, round, attempt, to, at, bytes, digest = null } = item;
    const key = JSON.stringify([what, study, round, attempt, to, BY_DIGEST.has(what) ? digest : '']);
    const row = rows.get(key);
    rows.set(key, {
      ...{ what, study, round, attempt, to },
      ...{ items: (row?.items ?? 0) + item.items, bytes: (row?.bytes ?? 0) + bytes },
      ...{ from: row?.from ?? at, until: at },
      digest: row === undefined || row.digest === digest ? digest : null,
    });
  }
  const [reports, left] = [new Array<LedgerRow>(), new Array<LedgerRow>()];
  for (const row of rows.values()) (row.what === 'findings report' ? reports : left).push(row);
  return {
    day,
    ...amountOf(left),
    reports: amountOf(reports),
    rows: [...rows.values()].sort((a, b) => b.until.localeCompare(a.until)),
  };
}

function amountOf(rows: readonly LedgerRow[]): Amount {
  return rows.reduce((sum, row) => ({ items: sum.items + row.items, bytes: sum.bytes + row.bytes }), {
    ...{ items: 0, bytes: 0 },
  });
}
