import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import type { CellOutcome } from './results.js';

const HEAD = [
  ...['cell', 'run', 'value', 'seed', 'round', 'site', 'class', 'films', 'lesions'],
  ...['ap', 'ap40', 'ap50', 'ap75'],
];

/**
 * Every evaluation of every training, one line for each hospital and class; `all` stands for all hospitals together, `mean`
 * for the mean over classes. What does not exist is empty.
 */
export function resultsCsv(outcomes: readonly CellOutcome[]): string {
  const lines = outcomes.flatMap(({ cell, run, value, seed, evaluations }) =>
    evaluations.flatMap(({ round, all, bySite }) =>
      Object.entries({ all, ...bySite }).flatMap(([site, metrics]) =>
        entriesOf(metrics).map((entry) => [cell, run, value, seed, round, site, ...entry]),
      ),
    ),
  );
  return [HEAD, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('');
}

type Field = string | number | null;

function entriesOf({ mean, perClass }: RoundMetrics): Field[][] {
  return [
    ['mean', null, null, mean.ap, mean.ap40, mean.ap50, mean.ap75],
    ...perClass.map(({ class: name, films, truths, ap, ap40, ap50, ap75 }) => [
      name,
      ...[films, truths, ap, ap40, ap50, ap75],
    ]),
  ];
}

/** As RFC 4180 quotes. */
function field(value: Field): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
