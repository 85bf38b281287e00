import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';

/** Settings of `serve`: options win over the environment, the environment over defaults. */
export interface CoordinatorConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
}

export interface ConfigOptions {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
}

export const DEFAULT_PORT = 8470;
export const DEFAULT_DATA = 'coordinator-data';

/** Name of each setting as the person who set it knows it. */
const SOURCES = {
  port: '--port or FEDOXNET_PORT',
  host: '--host or FEDOXNET_HOST',
  dataDir: '--data or FEDOXNET_DATA',
  databaseUrl: '--database-url or DATABASE_URL',
  logLevel: 'FEDOXNET_LOG_LEVEL',
} as const satisfies Record<keyof CoordinatorConfig, string>;

const schema = z.object({
  port: z.coerce.number('must be a number').int().min(0).max(65535),
  host: z.string().min(1),
  dataDir: z.string().min(1),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
});

/** Where the data folder is, for commands that need nothing else. */
export function dataFolder(options: Pick<ConfigOptions, 'data'>, env: NodeJS.ProcessEnv): string {
  return options.data ?? env.FEDOXNET_DATA ?? DEFAULT_DATA;
}

/** @throws {FederationError} `CONFIG_INVALID` naming the setting, never its value: a database URL holds a password */
export function readConfig(options: ConfigOptions, env: NodeJS.ProcessEnv): CoordinatorConfig {
  // An empty variable is what compose files leave behind for one that is not set.
  const variable = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const parsed = schema.safeParse({
    port: options.port ?? variable('FEDOXNET_PORT') ?? DEFAULT_PORT,
    host: options.host ?? variable('FEDOXNET_HOST') ?? '127.0.0.1',
    dataDir: dataFolder(options, env),
    databaseUrl: options.databaseUrl ?? variable('DATABASE_URL'),
    logLevel: variable('FEDOXNET_LOG_LEVEL') ?? 'info',
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const source = SOURCES[issue?.path[0] as keyof CoordinatorConfig];
    throw new FederationError('CONFIG_INVALID', `${source}: ${issue?.message ?? 'is invalid'}.`);
  }
  return { ...parsed.data, databaseUrl: parsed.data.databaseUrl };
}
