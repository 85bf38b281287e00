import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { NOT_KNOWN } from '../view/format.js';
import { siteRows, type SiteRow } from '../view/site-rows.js';
import type { Cell, Column, LiveTable } from './page/live-table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'Site' },
  { heading: 'Connection' },
  { heading: 'Phase' },
  { heading: 'Steps' },
  { heading: 'Loss', numeric: true },
  { heading: 'Pseudo boxes taken', numeric: true },
  { heading: 'Films/s', numeric: true },
  { heading: 'Supervision' },
  { heading: 'Films' },
  { heading: 'Backend' },
  { heading: 'Sent', numeric: true },
  { heading: 'Received', numeric: true },
];

export function showSites(table: LiveTable, status: StudyStatus): void {
  table.update(
    COLUMNS,
    siteRows(status).map((row) => ({ key: row.site, cells: cellsOf(row) })),
  );
}

function cellsOf(row: SiteRow): Cell[] {
  return [
    row.site,
    { word: row.connection },
    { word: row.phase, note: row.reason },
    row.steps === null ? NOT_KNOWN : { ...row.steps, label: `Steps of ${row.site}` },
    row.loss,
    row.pseudo,
    row.filmsPerSecond,
    { lines: row.supervision },
    { lines: row.films },
    row.backend,
    row.sent,
    row.received,
  ];
}
