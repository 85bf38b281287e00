import {
  CENSUS_TABLES,
  type Census,
  type CensusTable,
  type SplitCensus,
} from '@fedoxnet/shared/study/census';

const COLUMNS = ['boxPresent', 'boxAbsent', 'imagePresent', 'imageAbsent', 'none'] as const;
const HEADS = ['box +', 'box −', 'image +', 'image −', 'none'];
const TABLE_NAMES: Record<CensusTable, string> = {
  view: 'view',
  sex: 'sex',
  age: 'age, years',
  longSide: 'longer side, pixels',
  meanGrey: 'mean grey',
};

/** A census for a person; "<" stands for a withheld count. */
export function censusText({ train, val, suppressBelow }: Census): string {
  const note =
    suppressBelow > 1
      ? `"<" stands for a count that is withheld: of films of fewer than ${suppressBelow} patients, or one that would give such a count away`
      : 'no count is withheld';
  return [...splitText('train', train), '', ...splitText('held out', val), '', note].join('\n');
}

const shown = (count: number | null | undefined): string => String(count ?? '<');

function splitText(title: string, { films, classes, tables }: SplitCensus): string[] {
  const width = Math.max(5, ...classes.map((row) => row.class.length)) + 2;
  const line = (name: string, cells: readonly string[], note = ''): string =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(9)).join('') + note;
  return [
    `${title}: ${shown(films)} films`,
    line('class', HEADS),
    ...classes.map((row) =>
      line(
        row.class,
        COLUMNS.map((column) => shown(row[column])),
        row.mapped ? '' : '   not in the label map',
      ),
    ),
    ...(Object.keys(TABLE_NAMES) as CensusTable[]).map((table) => {
      const cells = CENSUS_TABLES[table].map((column, index) => `${column}: ${shown(tables[table][index])}`);
      return `${TABLE_NAMES[table].padEnd(20)}${cells.join('   ')}`;
    }),
  ];
}
