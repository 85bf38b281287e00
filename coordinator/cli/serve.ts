import { rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { destination, pino } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { DEFAULT_DATA, DEFAULT_PORT, readConfig, type ConfigOptions } from '../config.js';
import type { Coordinator } from '../coordinator.js';
import { ADDRESS_FILE } from './operator-client.js';
import { print, type OutputOptions } from './output.js';

/** @returns the port, which the system chose when `port` is 0 */
function listen({ server }: Coordinator, port: number, host: string): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `Port ${port} on ${host} cannot be opened: ${error.code ?? error.message}.`;
      const code = error.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'CONFIG_INVALID';
      fail(new FederationError(code, message, { cause: error }));
    });
    server.listen(port, host, () => done((server.address() as AddressInfo).port));
  });
}

/** An address that a browser on this machine can open. */
function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Resolves at the first request to stop. A second one ends the process at once, as Ctrl-C twice should. */
function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, done);
  });
}

async function serve(options: ConfigOptions & OutputOptions): Promise<void> {
  const { port, host, dataDir, databaseUrl, logLevel } = readConfig(options, process.env);
  const log = pino({ level: logLevel }, destination({ fd: 2, sync: true }));
  // From now on, so that a signal during the start ends in an orderly stop too.
  const stopped = untilStopped();
  // Only here, so that the other commands start without the database and the web server.
  const { createCoordinator } = await import('../coordinator.js');
  const coordinator = await createCoordinator({ dataDir, databaseUrl, log });
  const addressFile = join(resolve(dataDir), ADDRESS_FILE);
  try {
    const url = localUrl(host, await listen(coordinator, port, host));
    await writeFile(addressFile, `${url}\n`, { mode: 0o600 });
    // The token opens the dashboard; a log file or a pipe must not keep it.
    const shown = process.stdout.isTTY ? `${url}/#token=${coordinator.tokens.viewer}` : url;
    print(options, { event: 'listening', url, pid: process.pid }, `Dashboard: ${shown}`);
    log.info({ url, dataDir, database: databaseUrl === undefined ? 'embedded' : 'server' }, 'listening');
    const signal = await stopped;
    log.info({ signal }, 'stopping');
    await rm(addressFile, { force: true });
  } finally {
    await coordinator.close();
  }
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the coordinator')
    .option('--port <number>', `port to listen on (FEDOXNET_PORT; default ${DEFAULT_PORT}, 0 = any free one)`)
    .option('--host <address>', 'address to listen on (FEDOXNET_HOST; default 127.0.0.1)')
    .option(
      '--data <folder>',
      `keys, blobs and the embedded database (FEDOXNET_DATA; default ${DEFAULT_DATA})`,
    )
    .option('--database-url <url>', 'PostgreSQL to use instead of the embedded one (DATABASE_URL)')
    .option('--json', 'print one JSON document when it listens')
    .action(serve);
}
