import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);
const DEBIAN_FOLDER = '/usr/lib/postgresql';

export interface PostgresServer {
  /** postgres://… of an empty database. */
  readonly url: string;
  /** Ends the server by `signal` (SIGINT: fast shutdown, SIGQUIT: immediate, without a checkpoint) and starts it again. */
  restart(signal: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  stop(): Promise<void>;
}

/** The newest installed server, or null: Debian keeps it out of PATH. */
async function findPrograms(): Promise<string | null> {
  const versions = await readdir(DEBIAN_FOLDER).catch((): string[] => []);
  for (const version of versions.sort((a, b) => Number(b) - Number(a))) {
    const bin = join(DEBIAN_FOLDER, version, 'bin');
    const files = await readdir(bin).catch((): string[] => []);
    if (files.includes('initdb') && files.includes('postgres')) return bin;
  }
  return null;
}

/** PostgreSQL refuses to run as root, so there it runs as the user its package brings, or as nobody. */
async function commandPrefix(): Promise<string[]> {
  if (userInfo().uid !== 0) return [];
  const user = await run('id', ['-u', 'postgres']).then(
    () => 'postgres',
    () => 'nobody',
  );
  return ['setpriv', `--reuid=${user}`, '--clear-groups', '--'];
}

/**
 * Starts a PostgreSQL server with an empty database in a folder of its own, on a free port of the loopback.
 * @returns the reason as text when this machine has none
 */
export async function startPostgres(): Promise<PostgresServer | string> {
  const bin = await findPrograms();
  if (bin === null) return `no PostgreSQL server is installed under ${DEBIAN_FOLDER}`;
  const prefix = await commandPrefix();
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-postgres-'));
  // The server's user, which may be another than ours, makes its own folder in here.
  await chmod(folder, 0o777);
  const data = join(folder, 'data');
  const command = (program: string, ...args: string[]): [string, string[]] => {
    const [first = '', ...rest] = [...prefix, join(bin, program), ...args];
    return [first, rest];
  };
  await run(
    ...command('initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-instructions'),
  );
  const port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`];
  const [program, args] = command(
    ...(['postgres', '-D', data, '-p', String(port)] as const),
    ...settings.flatMap((setting) => ['-c', setting]),
  );
  let server = await startServer(program, args);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async restart(signal) {
      await ended(server, signal);
      server = await startServer(program, args);
    },
    async stop() {
      await ended(server, 'SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it takes connections. */
async function startServer(program: string, args: readonly string[]): Promise<ChildProcess> {
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.stderr.on('data', (text: Buffer) => {
      log += text.toString();
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`the PostgreSQL server ended: ${log}`)));
  });
  return server;
}

async function ended(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}
