import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { CENSUS_TABLES, CensusTable, ClassCensus, SplitCensus } from '@fedoxnet/shared/study/census';
import { formatCount, NOT_KNOWN } from './page/numbers.js';

/** The two halves of a site's films. */
export const CENSUS_SPLITS = { train: 'Training', val: 'Held out' } as const;
export type CensusSplit = keyof typeof CENSUS_SPLITS;

/** What stands for a count that a site keeps to itself. */
export const WITHHELD = '<';

/** As in the protocol, whose module is not served to browsers; the compiler compares them. */
const COLUMNS: typeof CENSUS_TABLES = {
  view: ['PA', 'AP', 'unknown'],
  sex: ['F', 'M', 'O', 'unknown'],
  age: ['0-17', '18-39', '40-59', '60-79', '80+', 'unknown'],
  longSide: ['1-512', '513-1024', '1025-2048', '2049-3072', '3073+'],
  meanGrey: ['0-63', '64-95', '96-127', '128-159', '160-191', '192-255', 'unknown'],
};
export const CENSUS_TABLE_NAMES: Readonly<Record<CensusTable, string>> = {
  view: 'View',
  sex: 'Sex',
  age: 'Age, years',
  longSide: 'Longer side, pixels',
  meanGrey: 'Mean grey level',
};

/** One cell of the table of classes and sites, line by line. */
export interface CensusCell {
  readonly lines: readonly string[];
  /** What the reader should notice about it. */
  readonly notes: readonly string[];
}

export interface CensusClassRow {
  readonly class: string;
  /** In the order of the sites. */
  readonly cells: readonly CensusCell[];
}

const shown = (count: number | null | undefined): string =>
  count === null || count === undefined ? WITHHELD : formatCount(count);

/** A row per class, a cell per site: films by supervision, present and absent. */
export function censusClassRows({ classes, sites }: ConsortiumCensus, split: CensusSplit): CensusClassRow[] {
  return classes.map((name, index) => ({
    class: name,
    cells: sites.map(({ census }) => {
      const row = census?.[split].classes[index];
      return row === undefined ? { lines: [NOT_KNOWN], notes: [] } : classCell(row);
    }),
  }));
}

/** A supervision without a film is left out; a class that no film speaks of says so. */
function classCell(row: ClassCensus): CensusCell {
  const pairs = [
    ['Boxes', row.boxPresent, row.boxAbsent],
    ['Image labels', row.imagePresent, row.imageAbsent],
  ] as const;
  const lines = pairs
    .filter(([, present, absent]) => present !== 0 || absent !== 0)
    .map(([kind, present, absent]) => `${kind}: ${shown(present)} with, ${shown(absent)} without`);
  if (row.none !== 0) lines.push(`Unknown: ${shown(row.none)}`);
  return {
    lines: lines.length === 0 ? [NOT_KNOWN] : lines,
    notes: row.mapped ? [] : ['not in its label map'],
  };
}

export interface CensusSiteRow {
  readonly site: string;
  readonly films: string;
  /** In the order of `CENSUS_TABLE_NAMES`; columns without a film are left out. */
  readonly tables: readonly (readonly string[])[];
}

/** A row per site: its films by view, sex, age, size and grey. */
export function censusSiteRows({ sites }: ConsortiumCensus, split: CensusSplit): CensusSiteRow[] {
  const names = Object.keys(CENSUS_TABLE_NAMES) as CensusTable[];
  return sites.map(({ site, census }) => {
    if (census === null) return { site, films: NOT_KNOWN, tables: names.map(() => [NOT_KNOWN]) };
    const { films, tables } = census[split];
    return { site, films: shown(films), tables: names.map((name) => tableLines(name, tables)) };
  });
}

function tableLines(name: CensusTable, tables: SplitCensus['tables']): string[] {
  const lines = COLUMNS[name].flatMap((column, index) => {
    const films = tables[name][index];
    return films === 0 ? [] : [`${column}: ${shown(films)}`];
  });
  return lines.length === 0 ? [NOT_KNOWN] : lines;
}

/** Who has told nothing, in words; null when all have. */
export function silentSites({ sites }: ConsortiumCensus): string | null {
  const silent = sites.filter(({ census }) => census === null).map(({ site }) => site);
  if (silent.length === 0) return null;
  return silent.length === sites.length
    ? 'No site has shared a census. Each site’s own policy decides whether it does.'
    : `No census from ${silent.join(', ')}: not sent yet, or kept by the site’s policy.`;
}
