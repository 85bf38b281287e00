import type { Row } from '@fedoxnet/shared/page/live-table';
import type { Census, CensusTable, SplitCensus } from '@fedoxnet/shared/study/census';
import { formatCount } from './page/numbers.js';

/** Headings of the census on the page. */
export const CENSUS_NAMES = {
  classes: ['Boxed, present', 'Boxed, absent', 'Labelled, present', 'Labelled, absent', 'Unknown'],
  tables: {
    view: ['PA', 'AP', 'unknown'],
    sex: ['F', 'M', 'O', 'unknown'],
    age: ['0–17', '18–39', '40–59', '60–79', '80+', 'unknown'],
    longSide: ['to 512 px', '513–1024', '1025–2048', '2049–3072', 'above'],
    meanGrey: ['0–63', '64–95', '96–127', '128–159', '160–191', '192–255', 'unknown'],
  } satisfies Record<CensusTable, readonly string[]>,
} as const;

const TABLE_WORDS: Record<CensusTable, string> = {
  view: 'View',
  sex: 'Sex',
  age: 'Age, years',
  longSide: 'Longer side',
  meanGrey: 'Mean grey',
};

/** Training films of each class; held-out ones stand below in the same cell. */
export function classRows({ train, val }: Census): Row[] {
  return train.classes.map((row, index) => {
    const held = val.classes[index];
    const cell = (column: 'boxPresent' | 'boxAbsent' | 'imagePresent' | 'imageAbsent' | 'none') => ({
      lines: [formatCount(row[column]), `${formatCount(held?.[column] ?? null)} held out`],
    });
    return {
      key: row.class,
      cells: [
        row.class,
        ...[cell('boxPresent'), cell('boxAbsent'), cell('imagePresent'), cell('imageAbsent'), cell('none')],
      ],
    };
  });
}

/** One row for each table that does not depend on the study; empty columns are left out. */
export function splitRows({ train, val }: Census): Row[] {
  return (Object.keys(TABLE_WORDS) as CensusTable[]).map((table) => ({
    key: table,
    cells: [TABLE_WORDS[table], { lines: linesOf(train, table) }, { lines: linesOf(val, table) }],
  }));
}

function linesOf({ tables }: SplitCensus, table: CensusTable): string[] {
  const names: readonly string[] = CENSUS_NAMES.tables[table];
  const lines = tables[table].flatMap((count, column) =>
    count === 0 ? [] : [`${names[column]}: ${formatCount(count)}`],
  );
  return lines.length === 0 ? ['–'] : lines;
}
