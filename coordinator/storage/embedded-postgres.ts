import { fork, type ChildProcess } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FederationError } from '@fedoxnet/shared/errors';
import { databaseReply, type DatabaseCommand } from './embedded-postgres-messages.js';
import { newSocketFolder, removeSocketFolder } from './socket-folder.js';

/**
 * PostgreSQL as WebAssembly in a process of its own, behind a Unix socket, so that everything else speaks to it through
 * `pg` as to any server, and no query holds up the coordinator's event loop. It checks no password; the socket therefore
 * lies in a folder that only this user can enter.
 */
export interface EmbeddedPostgres {
  /** For `pg`: the folder of the socket. */
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** `pg` looks for `<host>/.s.PGSQL.<port>`. */
const PORT = 5432;
const ENTRY = fileURLToPath(new URL('embedded-postgres-process.js', import.meta.url));
/** Between the death of the database's process and the next one. */
const RESTART_MS = 200;

/** @param folder where the database lives; made when absent. One process at a time (folder-lock.ts). */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const socketFolder = await newSocketFolder(`${folder}.socket`);
  try {
    if (!(await exists(join(folder, 'PG_VERSION')))) await initialise(folder);
    const database = new DatabaseProcess({
      kind: 'serve',
      folder,
      socket: join(socketFolder, `.s.PGSQL.${PORT}`),
    });
    await database.start();
    const close = async (): Promise<void> => {
      await database.stop();
      await removeSocketFolder(socketFolder);
    };
    return { host: socketFolder, port: PORT, close };
  } catch (cause) {
    await removeSocketFolder(socketFolder);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FederationError(
      'DATABASE_UNREACHABLE',
      `The embedded database in ${folder} does not start: ${reason}.`,
      { cause },
    );
  }
}

/** Keeps the process alive until it is stopped; `pg` connects anew by itself. */
class DatabaseProcess {
  readonly #command: DatabaseCommand;
  #child: ChildProcess | null = null;
  #stopping = false;

  constructor(command: DatabaseCommand) {
    this.#command = command;
  }

  async start(): Promise<void> {
    const child = await spawnDatabase(this.#command);
    this.#child = child;
    child.once('exit', () => {
      if (!this.#stopping) setTimeout(() => this.#restart(), RESTART_MS).unref();
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child !== null) await ended(this.#child);
  }

  #restart(): void {
    if (this.#stopping) return;
    this.start().catch(() => setTimeout(() => this.#restart(), RESTART_MS).unref());
  }
}

/**
 * Makes the files of an empty database: in a process that ends with it, because this takes ten times the memory of serving,
 * and beside the final place, so that a crash leaves no half of a database there.
 */
async function initialise(folder: string): Promise<void> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await ended(await spawnDatabase({ kind: 'initialise', folder: fresh }));
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

/** @returns the process when it is done with what takes time: the files are made, or the socket takes connections */
function spawnDatabase(command: DatabaseCommand): Promise<ChildProcess> {
  const child = fork(ENTRY, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`its process ended with status ${code}`));
    child.once('error', reject);
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      const { failure } = databaseReply.parse(message);
      if (failure === null) resolve(child);
      else void ended(child).then(() => reject(new Error(failure)));
    });
    child.send(command);
  });
}

/** The process closes the database and ends when nobody is connected to it over IPC any more. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
  });
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
