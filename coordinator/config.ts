import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { TlsFiles } from './http/tls.js';

/** Settings of `serve`: options win over the environment, the environment over defaults. */
export interface CoordinatorConfig {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly logLevel: string;
  /** Own certificate; null serves plain HTTP. */
  readonly tls: TlsFiles | null;
  /** One proxy in front ends TLS and says who asks (`X-Forwarded-For`, `X-Forwarded-Proto`). */
  readonly behindProxy: boolean;
  /** Where people and sites reach this coordinator, for the links it hands out; by default where the request came in. */
  readonly publicUrl: string | undefined;
}

export interface ConfigOptions {
  readonly port?: string;
  readonly host?: string;
  readonly data?: string;
  readonly databaseUrl?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: boolean;
  readonly plainHttp?: boolean;
  readonly publicUrl?: string;
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
  tlsCert: '--tls-cert or FEDOXNET_TLS_CERT',
  tlsKey: '--tls-key or FEDOXNET_TLS_KEY',
  behindProxy: '--behind-proxy or FEDOXNET_BEHIND_PROXY',
  plainHttp: '--plain-http or FEDOXNET_PLAIN_HTTP',
  publicUrl: '--public-url or FEDOXNET_PUBLIC_URL',
} as const;

/** `1` and `true` as compose files write them; a flag given as an option is a boolean. */
const flag = z.union([
  z.boolean(),
  z.enum(['1', 'true', '0', 'false']).transform((text) => text === '1' || text === 'true'),
]);

const schema = z.object({
  port: z.coerce.number('must be a number').int().min(0).max(65535),
  host: z.string().min(1),
  dataDir: z.string().min(1),
  databaseUrl: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional(),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  behindProxy: flag,
  plainHttp: flag,
  publicUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
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
    tlsCert: options.tlsCert ?? variable('FEDOXNET_TLS_CERT'),
    tlsKey: options.tlsKey ?? variable('FEDOXNET_TLS_KEY'),
    behindProxy: options.behindProxy ?? variable('FEDOXNET_BEHIND_PROXY') ?? false,
    plainHttp: options.plainHttp ?? variable('FEDOXNET_PLAIN_HTTP') ?? false,
    publicUrl: options.publicUrl ?? variable('FEDOXNET_PUBLIC_URL'),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const source = SOURCES[issue?.path[0] as keyof typeof SOURCES];
    throw new FederationError('CONFIG_INVALID', `${source}: ${issue?.message ?? 'is invalid'}.`);
  }
  const { tlsCert, tlsKey, plainHttp, databaseUrl, publicUrl, ...rest } = parsed.data;
  const tls = tlsPair(tlsCert, tlsKey);
  requireSafe({ ...rest, tls, plainHttp });
  return { ...rest, databaseUrl, publicUrl: publicUrl?.replace(/\/+$/, ''), tls };
}

function tlsPair(cert: string | undefined, key: string | undefined): TlsFiles | null {
  if (cert === undefined && key === undefined) return null;
  if (cert !== undefined && key !== undefined) return { cert, key };
  const missing = cert === undefined ? SOURCES.tlsCert : SOURCES.tlsKey;
  throw new FederationError('CONFIG_INVALID', `${missing}: a certificate and its key come together.`);
}

interface Exposure {
  readonly host: string;
  readonly tls: TlsFiles | null;
  readonly behindProxy: boolean;
  readonly plainHttp: boolean;
}

/** Passwords and plans must not cross a network in the clear because somebody forgot a setting. */
function requireSafe({ host, tls, behindProxy, plainHttp }: Exposure): void {
  if (tls !== null && (behindProxy || plainHttp)) {
    throw new FederationError('CONFIG_INVALID', `${SOURCES.tlsCert}: either TLS ends here, or it does not.`);
  }
  if (isLoopback(host) || tls !== null || behindProxy || plainHttp) return;
  throw new FederationError(
    'CONFIG_INVALID',
    `${SOURCES.host}: ${host} is reached from other machines, so give --tls-cert and --tls-key, or --behind-proxy if a proxy ends TLS, or --plain-http if the network is trusted.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
