import { parseArgs } from 'node:util';
import { FederationError } from '@fedoxnet/shared/errors';

export interface RoundOptions {
  readonly sites: number;
  readonly params: number;
  readonly rounds: number;
  readonly databaseUrl: string | undefined;
  /** Folder for CPU profiles of coordinator and first site; none when left out. */
  readonly profile: string | undefined;
  readonly update: 'fp32' | 'fp16' | 'int8';
  /** Sites without agent and trainer, many in a process; how many processes. Null: whole agents. */
  readonly light: number | null;
}

export const ROUND_USAGE = `npm run bench -- round [options]
  --sites N        site agents, each a process with a trainer that only adds 0.001 (8)
  --params N       float32 parameters in 64 arrays (37000000)
  --rounds N       rounds, at least 3; the first is not counted (4)
  --update KIND    fp32, fp16 or int8 (fp32)
  --light          sites that are a connection and bytes alone, many in a process, and the time of control messages
  --processes N    that play the light sites (4)
  --database-url U a PostgreSQL server instead of the embedded database
  --profile DIR    write CPU profiles of the coordinator and the first site there
`;

/** @throws {FederationError} `USAGE` */
export function parseRoundOptions(args: readonly string[]): RoundOptions | 'help' {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        sites: { type: 'string', default: '8' },
        params: { type: 'string', default: '37000000' },
        rounds: { type: 'string', default: '4' },
        update: { type: 'string', default: 'fp32' },
        light: { type: 'boolean', default: false },
        processes: { type: 'string', default: '4' },
        'database-url': { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (cause) {
    throw new FederationError('USAGE', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (values.help) return 'help';
  return {
    sites: whole('--sites', values.sites, 1),
    params: whole('--params', values.params, 64),
    rounds: whole('--rounds', values.rounds, 3),
    update: oneOf('--update', values.update, ['fp32', 'fp16', 'int8'] as const),
    light: values.light ? whole('--processes', values.processes, 1) : null,
    databaseUrl: values['database-url'],
    profile: values.profile,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new FederationError('USAGE', `${name} must be a whole number of at least ${least}, not ${text}.`);
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((value) => value === text);
  if (found === undefined) {
    throw new FederationError('USAGE', `${name} must be ${known.join(', ')}, not ${text}.`);
  }
  return found;
}
