import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { roundRows, type RoundRow } from '../view/round-rows.js';
import { ROUND_PHASES } from '../view/state-words.js';
import { byId } from './page/element.js';
import type { Cell, Column, LiveTable } from './page/live-table.js';

const COLUMNS: readonly Column[] = [
  { heading: 'Round' },
  { heading: 'State' },
  { heading: 'Invited → counted' },
  { heading: 'Counted sites' },
  { heading: 'AP40 mean', numeric: true },
  ...ROUND_PHASES.map(({ name }) => ({ heading: name, numeric: true })),
  { heading: 'Total', numeric: true },
  { heading: 'Release', numeric: true },
  { heading: 'Digest' },
  { heading: 'Size', numeric: true },
];

export function showRounds(table: LiveTable, status: StudyStatus): void {
  const rows = roundRows(status);
  byId('rounds-empty').hidden = rows.length > 0;
  byId('rounds').hidden = rows.length === 0;
  table.update(
    COLUMNS,
    rows.map((row) => ({ key: row.key, cells: cellsOf(row) })),
  );
}

function cellsOf(row: RoundRow): Cell[] {
  return [
    row.round,
    { word: row.state },
    row.participation,
    { lines: [row.counted], notes: row.leftOut },
    row.ap40,
    ...row.seconds,
    row.total,
    row.release,
    { code: row.digest },
    row.releaseBytes,
  ];
}
