import type { ResultRow } from './results.js';
import { formatSpread, spreadOf, type Spread } from './spread.js';

/**
 * By how much one run is above another with the same seed, so on the same films from the same first weights: what films and
 * weights do to both falls out.
 */
export interface Difference {
  /** AP40 of the reference less that of this run. */
  readonly run: string;
  readonly label: string;
  readonly value: number | null;
  readonly seeds: readonly { readonly seed: number; readonly ap40: number }[];
  readonly ap40: Spread | null;
}

/** At each value of the sweep by itself. A seed counts when both runs have it. */
export function differencesOf(rows: readonly ResultRow[], reference: string | undefined): Difference[] {
  return rows.flatMap(({ run, label, value, seeds }) => {
    const above = rows.find((row) => row.run === reference && row.value === value);
    if (above === undefined || run === reference) return [];
    const pairs = seeds.flatMap(({ seed, ap40 }) => {
      const own = above.seeds.find((one) => one.seed === seed)?.ap40 ?? null;
      return ap40 === null || own === null ? [] : [{ seed, ap40: own - ap40 }];
    });
    return [{ run, label, value, seeds: pairs, ap40: spreadOf(pairs.map(({ ap40 }) => ap40)) }];
  });
}

export function differenceTable(
  differences: readonly Difference[],
  swept: string | null,
): { head: string[]; body: string[][] } {
  const seeds = [...new Set(differences.flatMap((one) => one.seeds.map(({ seed }) => seed)))];
  return {
    head: [...(swept === null ? [] : [swept]), 'less', 'mean', ...seeds.map((seed) => `seed ${seed}`)],
    body: differences.map(({ value, label, ap40, seeds: own }) => [
      ...(swept === null ? [] : [String(value)]),
      label,
      formatSpread(ap40, true),
      ...seeds.map((seed) => {
        const one = own.find((pair) => pair.seed === seed);
        return formatSpread(one === undefined ? null : spreadOf([one.ap40]), true);
      }),
    ]),
  };
}
