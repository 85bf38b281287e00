import { resolve } from 'node:path';
import { readDay, type LedgerRow } from '../../ledger/day-record.js';
import { dayOf } from '../../ledger/ledger-day.js';
import type { Outcome } from '../terminal.js';

export interface LedgerOptions {
  readonly home: string;
  /** `YYYY-MM-DD`; today without it. */
  readonly day?: string;
}

/** What left the site on a day. */
export async function ledger(options: LedgerOptions): Promise<Outcome> {
  const record = await readDay(resolve(options.home), options.day ?? dayOf(new Date()));
  if (record.rows.length === 0) return { document: record, text: `${record.day}: nothing left this site` };
  const { reports } = record;
  const total = [
    `${record.day}: ${record.items} messages, ${record.bytes} bytes`,
    ...(reports.items === 0
      ? []
      : [`within the hospital: ${reports.items} findings reports, ${reports.bytes} bytes`]),
  ];
  const head = ['until', 'what', 'study', 'round', 'items', 'bytes', 'digest', 'to'];
  const lines = [head, ...record.rows.map(cells)];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const numbers = new Set([3, 4, 5]);
  const text = lines.map((line) =>
    line
      .map((cell, i) => (numbers.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return { document: record, text: [...text, ...total].join('\n') };
}

function cells({ until, what, study, round, items, bytes, digest, to }: LedgerRow): string[] {
  const time = new Date(until).toTimeString().slice(0, 8);
  const place = [study ?? '', round === undefined ? '' : String(round)];
  return [time, what, ...place, String(items), String(bytes), digest?.slice(0, 12) ?? '', to];
}
