import type { AloneResult, Score } from './summary.js';
import { formatAp, textTable } from './text-table.js';

/** AP40 of the federation beside that of each hospital trained alone, on the same films after as many steps. */
export function comparisonTable(
  classes: readonly string[],
  federation: Score,
  alone: readonly AloneResult[],
): string {
  const columns = [federation, ...alone.map(({ score }) => score)];
  const row = (name: string, value: (score: Score) => number | null) => [
    name,
    ...columns.map((c) => formatAp(value(c))),
  ];
  return textTable(
    ['AP40, same held-out films', 'together', ...alone.map(({ site }) => `${site} alone`)],
    [
      ...classes.map((name) => row(name, (score) => score.ap40.perClass[name] ?? null)),
      row('mean over classes', (score) => score.ap40.mean),
    ],
  );
}
