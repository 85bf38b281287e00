import type { Arm } from './arms.js';
import type { CellResult } from './cell-store.js';
import { formatSpread, spreadOf, type Spread } from '#simulate/results/spread';

/** All finished cells of one row, by repetition. */
export interface ArmResults {
  readonly arm: Arm;
  readonly cells: readonly CellResult[];
}

/** One row of the table. */
export interface ArmReport {
  readonly arm: string;
  readonly ap40: Spread | null;
  readonly ap: Spread | null;
  /** Repetition by repetition, its AP40 less that of the first row: both began as one model. */
  readonly gain: Spread | null;
  readonly perClass: readonly (Spread | null)[];
  readonly seeds: readonly (number | null)[];
}

export function reportOf(rows: readonly ArmResults[]): ArmReport[] {
  const base = rows[0]?.cells ?? [];
  return rows.map(({ arm, cells }) => ({
    arm: arm.label,
    ap40: spreadOf(cells.map(({ ap40 }) => ap40)),
    ap: spreadOf(cells.map(({ ap }) => ap)),
    gain: spreadOf(cells.map(({ ap40 }, seed) => difference(ap40, base[seed]?.ap40 ?? null))),
    perClass: (cells[0]?.perClass ?? []).map((_, k) =>
      spreadOf(cells.map(({ perClass }) => perClass[k] ?? null)),
    ),
    seeds: cells.map(({ ap40 }) => ap40),
  }));
}

function difference(value: number | null, from: number | null): number | null {
  return value === null || from === null ? null : value - from;
}

/** The table as GitHub's Markdown, which a terminal shows as well. */
export function markdownTable(reports: readonly ArmReport[], classes: readonly string[]): string {
  const head = ['', 'AP40', 'gain over boxes only', 'AP@[.40:.75]', ...classes];
  const rows = reports.map(({ arm, ap40, gain, ap, perClass }, index) => [
    arm,
    formatSpread(ap40),
    index === 0 ? '' : formatSpread(gain, true),
    formatSpread(ap),
    ...perClass.map((spread) => (spread === null ? '–' : spread.mean.toFixed(3))),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
