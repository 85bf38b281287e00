import { parseArgs } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';

export interface AblationOptions {
  /** Null: phantoms. Else a folder of public chest films. */
  readonly films: string | null;
  /** One repetition of every row each. */
  readonly seeds: readonly number[];
  /** Keeps the result of every cell, so that a rerun goes on; gets the plot. */
  readonly out: string;
  readonly threads: number;
}

export const ABLATION_USAGE = `npm run bench -- ablation [options]
  --films WHAT     phantoms, or a folder with manifest.csv, boxes.csv and their films (phantoms)
  --seeds A,B      one repetition of every row for each (1,2,3,4,5)
  --out DIR        keeps each finished cell, so that a rerun goes on, also with more seeds; gets ablation.png (runs/ablation)
  --threads N      threads of the native backend (1)
`;

/** @throws {FederationError} `USAGE` */
export function parseAblationOptions(args: readonly string[]): AblationOptions | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        films: { type: 'string', default: 'phantoms' },
        seeds: { type: 'string', default: '1,2,3,4,5' },
        out: { type: 'string', default: 'runs/ablation' },
        threads: { type: 'string', default: '1' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new FederationError('USAGE', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (values.help) return 'help';
  return {
    films: values.films === 'phantoms' ? null : values.films,
    seeds: values.seeds.split(',').map((seed) => count('--seeds', seed)),
    out: values.out,
    threads: count('--threads', values.threads),
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new FederationError('USAGE', `${name} must be a whole number of at least 1, not ${text}.`);
  }
  return value;
}
