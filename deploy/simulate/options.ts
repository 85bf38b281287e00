import { parseArgs } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';
import type { BackendWish } from '@fedoxnet/site-agent/backend/select-backend';

export interface SimulateOptions {
  /** The experiment file. */
  readonly file: string;
  /** Null: runs/simulate/ and the experiment's name. */
  readonly out: string | null;
  readonly json: boolean;
  readonly workers: number;
  readonly threads: number;
  readonly backend: BackendWish;
  /** Of the file's runs, or of its seeds, only these; null for all. */
  readonly runs: readonly string[] | null;
  readonly seeds: readonly number[] | null;
}

const BACKENDS: readonly BackendWish[] = ['auto', 'gpu', 'cpu', 'wasm'];

export const HELP = `npm run simulate -- EXPERIMENT.yaml [options]

Trains any number of hospitals that exist only in the file, without network and database, by the product's own code for
training, sealing and aggregation. The same file gives the same releases, bit for bit, on the same backend. What is done
is kept: started again after whatever ended it, the command goes on.

  --out DIR        films, trainings and results (runs/simulate/NAME)
  --json           one JSON document on stdout: the content of results.json
  --seeds A,B      only these seeds of the file
  --runs A,B       only these runs of the file
  --workers N      processes that train (2)
  --threads N      threads of TensorFlow in each (1); another number gives other digests
  --backend NAME   auto, gpu, cpu or wasm (auto)
  --help

In DIR: results.json, results.csv, results.md, plots, and tensorboard/ (tensorboard --logdir DIR/tensorboard).
Fields of the file: deploy/simulate/README.md. Examples: deploy/simulate/plans/.
`;

/** @returns null when help was asked for. @throws {FederationError} `USAGE` */
export function readOptions(args: readonly string[]): SimulateOptions | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [file, ...more] = positionals;
  if (file === undefined) throw usage('Name an experiment file.');
  if (more.length > 0) throw usage(`One experiment at a time: ${more[0]} is too many.`);
  const backend = BACKENDS.find((name) => name === values.backend);
  if (backend === undefined) throw usage(`--backend ${values.backend} is not one of ${BACKENDS.join(', ')}.`);
  const list = (text: string | undefined): string[] | null =>
    text === undefined ? null : text.split(',').map((part) => part.trim());
  return {
    ...{ file, backend, json: values.json, out: values.out ?? null },
    workers: whole('--workers', values.workers, 1),
    threads: whole('--threads', values.threads, 1),
    runs: list(values.runs),
    seeds: list(values.seeds)?.map((seed) => whole('--seeds', seed, 0)) ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
        workers: { type: 'string', default: '2' },
        threads: { type: 'string', default: '1' },
        backend: { type: 'string', default: 'auto' },
        runs: { type: 'string' },
        seeds: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new FederationError('USAGE', `${(cause as Error).message.split('. ', 1)[0]}.`, { cause });
  }
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least)
    throw usage(`${name} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

function usage(message: string): FederationError {
  return new FederationError('USAGE', message);
}
