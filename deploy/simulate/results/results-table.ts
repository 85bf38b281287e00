import type { ResultRow } from './results.js';
import { formatSpread, type Spread } from './spread.js';

/** Columns and cells of the table by run: mean ± standard deviation over the seeds, classes by their mean. */
export function resultTable(
  rows: readonly ResultRow[],
  classes: readonly string[],
  swept: string | null,
): { head: string[]; body: string[][] } {
  const mean = (spread: Spread | null | undefined): string => spread?.mean.toFixed(3) ?? '–';
  return {
    head: [
      ...(swept === null ? [] : [swept]),
      '',
      'AP40',
      'AP50',
      'AP@[.40:.75]',
      ...classes,
      'steps',
      'seeds',
    ],
    body: rows.map(({ value, label, ap40, ap50, ap, perClass, steps, seeds }) => [
      ...(swept === null ? [] : [String(value)]),
      label,
      formatSpread(ap40),
      formatSpread(ap50),
      formatSpread(ap),
      ...classes.map((name) => mean(perClass[name])),
      String(steps.each),
      String(seeds.length),
    ]),
  };
}

/** AP40 of each class on the films of each hospital. */
export function siteTable(row: ResultRow, classes: readonly string[]): { head: string[]; body: string[][] } {
  return {
    head: ['films of', 'mean', ...classes],
    body: Object.entries(row.bySite).map(([site, { mean, perClass }]) => [
      site,
      formatSpread(mean),
      ...classes.map((name) => formatSpread(perClass[name] ?? null)),
    ]),
  };
}

export function markdown({ head, body }: { readonly head: string[]; readonly body: string[][] }): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
