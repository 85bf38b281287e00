import { resolve } from 'node:path';
import type { Census } from '@fedoxnet/shared/study/census';
import { readCatalogue } from '../../data/catalogue-file.js';
import { filmCensus } from '../../data/film-census.js';
import type { Outcome } from '../terminal.js';

export interface CensusOptions {
  readonly data: string;
  readonly classes?: readonly string[];
}

/** Counts per class and supervision, small ones withheld: what may be shown outside the site. */
export async function census(options: CensusOptions): Promise<Outcome> {
  const catalogue = await readCatalogue(resolve(options.data));
  const classes = options.classes ?? catalogue.classes;
  const train = filmCensus(catalogue, classes, 'train');
  const val = filmCensus(catalogue, classes, 'val');
  return {
    document: { source: catalogue.source, train, val },
    text: [`train, ${counted(train)}`, table(train), '', `held out, ${counted(val)}`, table(val)].join('\n'),
  };
}

function counted({ films, suppressBelow }: Census): string {
  return `${films ?? `fewer than ${suppressBelow}`} films ("<" stands for a count below ${suppressBelow})`;
}

function table({ classes }: Census): string {
  const columns = ['boxPresent', 'boxAbsent', 'imagePresent', 'imageAbsent', 'none'] as const;
  const width = Math.max(5, ...classes.map((row) => row.class.length)) + 2;
  const heads = ['box +', 'box −', 'image +', 'image −', 'none'];
  const line = (name: string, cells: readonly string[]) =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(9)).join('');
  const rows = classes.map((row) =>
    line(
      row.class,
      columns.map((column) => String(row[column] ?? '<')),
    ),
  );
  return [line('class', heads), ...rows].join('\n');
}
