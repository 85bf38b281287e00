import { rename, rm, writeFile } from 'node:fs/promises';
import { Server as TlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { destination, pino, type Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { DEFAULT_DATA, DEFAULT_PORT, readConfig, type ConfigOptions } from '../config.js';
import { loadTls, type TlsFiles } from '../http/tls.js';
import { ADDRESS_FILE } from './operator-client.js';
import { print, type OutputOptions } from './output.js';

const LOOPBACK = '127.0.0.1';

/** @returns the port, which the system chose when `port` is 0 */
function listen(server: Server, port: number, host: string): Promise<number> {
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
function localUrl(scheme: 'http' | 'https', host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `${scheme}://127.0.0.1:${port}`;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A renewed certificate is taken up at SIGHUP, without ending a connection; a wrong one is refused and the old one stays. */
function renewAtHangup(server: TlsServer, files: TlsFiles, log: Logger): void {
  process.on('SIGHUP', () => {
    loadTls(files).then(
      (context) => {
        server.setSecureContext(context);
        log.info('certificate read again');
      },
      (error: unknown) => log.error({ err: error }, 'the certificate stays as it was'),
    );
  });
}

/** Resolves at the first request to stop. A second one ends the process at once, as Ctrl-C twice should. */
function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, done);
  });
}

async function serve(options: ConfigOptions & OutputOptions): Promise<void> {
  const config = readConfig(options, process.env);
  const { port, host, dataDir, databaseUrl, logLevel, behindProxy, publicUrl } = config;
  const log = pino({ level: logLevel }, destination({ fd: 2, sync: true }));
  // From now on, so that a signal during the start ends in an orderly stop too.
  const stopped = untilStopped();
  // Only here, so that the other commands start without the database and the web server.
  const { createCoordinator } = await import('../coordinator.js');
  const tls = config.tls === null ? null : await loadTls(config.tls);
  const coordinator = await createCoordinator({ dataDir, databaseUrl, tls, behindProxy, publicUrl, log });
  const { server, local } = coordinator;
  const addressFile = join(resolve(dataDir), ADDRESS_FILE);
  try {
    const url = localUrl(tls === null ? 'http' : 'https', host, await listen(server, port, host));
    if (config.tls !== null && server instanceof TlsServer) renewAtHangup(server, config.tls, log);
    const forCommands = local === null ? url : localUrl('http', LOOPBACK, await listen(local, 0, LOOPBACK));
    // As a whole: a command may be reading it, after a crash the old one too.
    await writeFile(`${addressFile}.new`, `${forCommands}\n`, { mode: 0o600 });
    await rename(`${addressFile}.new`, addressFile);
    // The token opens the dashboard; a log file or a pipe must not keep it.
    const page = publicUrl ?? url;
    const shown = process.stdout.isTTY ? `${page}/#token=${coordinator.tokens.viewer}` : page;
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
    .option('--tls-cert <file>', 'certificate chain, PEM; read again at SIGHUP (FEDOXNET_TLS_CERT)')
    .option('--tls-key <file>', 'its private key, PEM (FEDOXNET_TLS_KEY)')
    .option('--behind-proxy', 'a proxy in front ends TLS and says who asks (FEDOXNET_BEHIND_PROXY)')
    .option('--plain-http', 'other machines may reach it without TLS (FEDOXNET_PLAIN_HTTP)')
    .option('--public-url <url>', 'where people reach it, for links it hands out (FEDOXNET_PUBLIC_URL)')
    .option('--json', 'print one JSON document when it listens')
    .action(serve);
}
