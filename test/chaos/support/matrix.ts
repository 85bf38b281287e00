import type { CaseResult } from './campaign.js';
import { PHASES } from './phases.js';

function resultOf({ skipped, complaints }: CaseResult): string {
  if (skipped !== null) return `skipped: ${skipped}`;
  return complaints.length === 0 ? 'identical' : complaints.join('; ');
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Fault × phase → how many of how many were identical. */
export function summary(results: readonly CaseResult[]): string {
  const cell = (fault: string, phase: string): string => {
    const here = results.filter(({ chaos }) => chaos.fault === fault && chaos.phase === phase);
    const run = here.filter(({ skipped }) => skipped === null);
    const good = run.filter(({ complaints }) => complaints.length === 0);
    if (here.length === 0) return '';
    return run.length === 0 ? 'skipped' : `${good.length}/${run.length}`;
  };
  const faults = [...new Set(results.map(({ chaos }) => chaos.fault))].sort();
  return table(
    ['fault', ...PHASES],
    faults.map((fault) => [fault, ...PHASES.map((phase) => cell(fault, phase))]),
  );
}

/** Every case with its result, by fault, phase and place. */
export function details(results: readonly CaseResult[]): string {
  const rows = results.map((result) => {
    const { fault, phase, place } = result.chaos;
    return [fault, phase, place, resultOf(result)] as const;
  });
  const order = ([fault, phase, place]: readonly string[]): string =>
    `${fault} ${(PHASES as readonly string[]).indexOf(phase ?? '')} ${place}`;
  return table(
    ['fault', 'phase', 'where', 'result'],
    rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)),
  );
}
