import { parseArgs } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';

export const BACKENDS = ['auto', 'gpu', 'cpu', 'wasm'] as const;
export type BackendChoice = (typeof BACKENDS)[number];

/** What the person who starts the demo chose; a number that is absent is the preset's own. */
export interface DemoOptions {
  readonly rounds: number | null;
  readonly steps: number | null;
  readonly size: number | null;
  /** Steps that the first model practises on phantoms before real films; null is the schedule's own. */
  readonly practice: number | null;
  readonly sites: number;
  readonly seed: number;
  readonly preset: string;
  readonly out: string;
  readonly backend: BackendChoice;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder with manifest.csv and boxes.csv; null draws phantoms. */
  readonly data: string | null;
  readonly compare: boolean;
}

export const HELP = `npm run demo -- [options]

A coordinator and four hospitals on this machine train OXnet together: site A has boxes of the first classes, site B
boxes of the others, site C image labels only, site D no labels at all. The films are phantoms drawn on the spot, or
real ones with --data. In a terminal the dashboard stays open until Ctrl-C; otherwise the command ends by itself.

  --rounds N      rounds of the study
  --steps N       optimiser steps of each site in each round
  --size N        side of the square that films are fitted into, in pixels, a multiple of 32
  --practice N    steps on phantoms before the first round on real films, 0 for none
  --sites N       number of hospitals, 2 to 8; they take turns in what they know (default 4)
  --seed N        decides the phantoms and the first weights (default 1)
  --preset NAME   the model and its schedule (default tiny)
  --data DIR      train on the real films of DIR (manifest.csv, boxes.csv)
  --backend NAME  ${BACKENDS.join(', ')} (default auto: the fastest that works here)
  --port N        port of the coordinator (default: any free one)
  --out DIR       where the model, the pictures and summary.json go (default runs/demo)
  --compare       also train each hospital that has boxes alone, for as many steps, and score both
  --help          this text
`;

/**
 * Reads the command line.
 * @returns null when --help was asked for
 * @throws {FederationError} `USAGE` for an unknown option or a value out of its range
 */
export function readOptions(args: readonly string[]): DemoOptions | null {
  const values = parse(args);
  if (values.help === true) return null;
  const backend = values.backend ?? 'auto';
  if (!isBackend(backend)) {
    throw new FederationError('USAGE', `--backend ${backend} is not one of ${BACKENDS.join(', ')}.`);
  }
  const size = wholeOr('size', values.size, null, 128, 1024);
  if (size !== null && size % 32 !== 0)
    throw new FederationError('USAGE', `--size ${size} is not a multiple of 32.`);
  return {
    rounds: wholeOr('rounds', values.rounds, null, 1, 10_000),
    steps: wholeOr('steps', values.steps, null, 1, 1_000_000),
    size,
    practice: wholeOr('practice', values.practice, null, 0, 1_000_000),
    sites: wholeOr('sites', values.sites, 4, 2, 8),
    seed: wholeOr('seed', values.seed, 1, 0, 2 ** 31 - 1),
    preset: filled('preset', values.preset ?? 'tiny'),
    out: filled('out', values.out ?? 'runs/demo'),
    backend,
    port: wholeOr('port', values.port, 0, 0, 65_535),
    data: values.data === undefined ? null : filled('data', values.data),
    compare: values.compare ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: text,
        steps: text,
        size: text,
        practice: text,
        sites: text,
        seed: text,
        preset: text,
        out: text,
        backend: text,
        port: text,
        data: text,
        compare: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    // Node's own text goes on with advice about `--`; its first sentence says what is wrong.
    const [sentence = 'The command line cannot be read'] = String((error as Error).message).split(/\.\s|\n/);
    throw new FederationError('USAGE', `${sentence.replace(/\.$/, '')}.`, { cause: error });
  }
}

function wholeOr<Default>(
  name: string,
  text: string | undefined,
  otherwise: Default,
  least: number,
  most: number,
) {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new FederationError('USAGE', `--${name} ${text} is not a whole number from ${least} to ${most}.`);
  }
  return value;
}

function filled(name: string, text: string): string {
  if (text.trim() === '') throw new FederationError('USAGE', `--${name} is empty.`);
  return text;
}

function isBackend(name: string): name is BackendChoice {
  return (BACKENDS as readonly string[]).includes(name);
}
