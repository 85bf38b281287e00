import type { Row } from '@fedoxnet/shared/page/live-table';
import type { LedgerReply } from '../messages.js';
import { formatTime } from './format.js';
import { formatBytes, formatCount, NOT_KNOWN, shortHash } from './page/numbers.js';

export const LEDGER_COLUMNS = [
  { heading: 'What' },
  { heading: 'Time' },
  { heading: 'Study, round' },
  { heading: 'Messages', numeric: true },
  { heading: 'Bytes', numeric: true },
  { heading: 'Digest' },
  { heading: 'To' },
] as const;

export function ledgerRows({ rows }: Pick<LedgerReply, 'rows'>): Row[] {
  return rows.map(({ what, from, until, study, round, items, bytes, digest, to }, index) => {
    const [first, last] = [formatTime(from), formatTime(until)];
    return {
      key: String(index),
      cells: [
        what,
        first === last ? last : `${first} – ${last}`,
        study === undefined ? NOT_KNOWN : `${study}${round === undefined ? '' : `, ${round}`}`,
        formatCount(items),
        { lines: [formatBytes(bytes), ...(bytes >= 1000 ? [formatCount(bytes)] : [])] },
        digest === null ? NOT_KNOWN : { code: shortHash(digest) },
        to,
      ],
    };
  });
}

/** What left the site, and what went no further than the hospital. */
export function ledgerTotal({
  items,
  bytes,
  reports,
}: Pick<LedgerReply, 'items' | 'bytes' | 'reports'>): string {
  const left =
    items === 0
      ? 'Nothing left this site on that day.'
      : `${formatBytes(bytes)} in ${formatCount(items)} messages.`;
  if (reports.items === 0) return left;
  return `${left} ${formatCount(reports.items)} findings reports (${formatBytes(reports.bytes)}) went to systems of the hospital.`;
}
