import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { NOT_KNOWN } from '../view/page/numbers.js';
import { siteRows, type SiteRow } from '../view/site-rows.js';
import type { Cell, Column, LiveTable } from './page/live-table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'Site' },
  { heading: 'Connection' },
  { heading: 'Phase' },
  { heading: 'Steps' },
  { heading: 'Loss', numeric: true },
  { heading: 'Films/s', numeric: true },
  { heading: 'Supervision' },
  { heading: 'Films' },
  { heading: 'Backend' },
  { heading: 'Sent', numeric: true },
  { heading: 'Received', numeric: true },
];

/** Of those the teacher saw. */
const PSEUDO_BOXES: Column = { heading: 'Pseudo boxes taken', numeric: true };

export function showSites(table: LiveTable, status: StudyStatus): void {
  const rows = siteRows(status);
  // Most rounds of most studies have no such boxes, and the table is wide.
  const taken = rows.some(({ pseudo }) => pseudo !== NOT_KNOWN);
  table.update(
    taken ? [...COLUMNS, PSEUDO_BOXES] : COLUMNS,
    rows.map((row) => ({ key: row.site, cells: [...cellsOf(row), ...(taken ? [row.pseudo] : [])] })),
  );
}

function cellsOf(row: SiteRow): Cell[] {
  return [
    row.site,
    { word: row.connection },
    { word: row.phase, note: row.reason },
    row.steps === null ? NOT_KNOWN : { ...row.steps, label: `Steps of ${row.site}` },
    row.loss,
    row.filmsPerSecond,
    { lines: row.supervision },
    { lines: row.films },
    row.backend,
    row.sent,
    row.received,
  ];
}
