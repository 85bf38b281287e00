import type { CaseResult } from './campaign.js';
import type { ChaosCase } from './cases.js';
import { PHASES } from './phases.js';

/** A case and what became of the study, as it stands in MATRIX.md. */
export interface MatrixRow extends Pick<ChaosCase, 'fault' | 'place'> {
  readonly phase: string;
  /** `identical`, `skipped: why`, or what was wrong. */
  readonly result: string;
}

const HEADER = ['fault', 'phase', 'where', 'result'] as const;

export function rowOf({ chaos: { fault, phase, place }, skipped, complaints }: CaseResult): MatrixRow {
  const found = complaints.length === 0 ? 'identical' : complaints.join('; ');
  return { fault, phase, place, result: skipped === null ? found : `skipped: ${skipped}` };
}

/** The rows of an earlier run, from the text that `details` wrote. */
export function readRows(text: string): MatrixRow[] {
  const lines = text.split('\n');
  const start = lines.indexOf(line(HEADER));
  if (start < 0) return [];
  return lines.slice(start + 2).flatMap((row) => {
    const cells = row.split(/(?<!\\)\|/).slice(1, -1);
    const [fault = '', phase = '', place = '', result = ''] = cells.map((cell) =>
      cell.trim().replaceAll('\\|', '|'),
    );
    return cells.length === HEADER.length ? [{ fault, phase, place, result }] : [];
  });
}

/** A row for each case that exists: of this run where it was tried, else of the run before. */
export function mergeRows(
  cases: readonly ChaosCase[],
  before: readonly MatrixRow[],
  now: readonly MatrixRow[],
): MatrixRow[] {
  return cases.flatMap((chaos) => {
    const isIts = (row: MatrixRow): boolean =>
      row.fault === chaos.fault && row.phase === chaos.phase && row.place === chaos.place;
    const row = now.find(isIts) ?? before.find(isIts);
    return row === undefined ? [] : [row];
  });
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Fault × phase → how many of how many were identical. */
export function summary(rows: readonly MatrixRow[]): string {
  const cell = (fault: string, phase: string): string => {
    const here = rows.filter((row) => row.fault === fault && row.phase === phase);
    const run = here.filter(({ result }) => !result.startsWith('skipped: '));
    const good = run.filter(({ result }) => result === 'identical');
    if (here.length === 0) return '';
    return run.length === 0 ? 'skipped' : `${good.length}/${run.length}`;
  };
  const faults = [...new Set(rows.map(({ fault }) => fault))].sort();
  return table(
    ['fault', ...PHASES],
    faults.map((fault) => [fault, ...PHASES.map((phase) => cell(fault, phase))]),
  );
}

/** Every case with its result, by fault, phase and place. */
export function details(rows: readonly MatrixRow[]): string {
  const order = ({ fault, phase, place }: MatrixRow): string =>
    `${fault} ${(PHASES as readonly string[]).indexOf(phase)} ${place}`;
  return table(
    HEADER,
    rows
      .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
      .map(({ fault, phase, place, result }) => [fault, phase, place, result]),
  );
}
