import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { FederationError } from '@fedoxnet/shared/errors';
import { databaseCommand, type DatabaseCommand, type DatabaseReply } from './embedded-postgres-messages.js';
import { lockFolder, type FolderLock } from './folder-lock.js';
import { removeSocketFolder } from './socket-folder.js';

/**
 * The process of the embedded database. It ends with its parent, however that ends: IPC closes. Baseline code alone
 * (no optimising WebAssembly compiler) and a small buffer keep it at an eighth of a gigabyte; at a few hundred small
 * statements per second that costs no time.
 */
setFlagsFromString('--liftoff-only');

/** More than the pool ever opens, so that a reconnect meets no limit while the old connection is closing. */
const MAX_CONNECTIONS = 32;
const SETTINGS = ['shared_buffers=8MB', 'wal_buffers=256kB', 'max_connections=4'];
/** A coordinator that was killed and started again may meet the database process of its predecessor, which is closing. */
const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 100;

async function takeLock(folder: string): Promise<FolderLock> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await lockFolder(dirname(folder), 'database.lock');
    } catch (error) {
      const held = error instanceof FederationError && error.code === 'DATA_IN_USE';
      if (!held || attempt === LOCK_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
  }
}

/** @returns how to close it */
async function run(command: DatabaseCommand): Promise<() => Promise<void>> {
  const lock = await takeLock(command.folder);
  try {
    // After the flags are set, and only in this process.
    const { PGlite } = await import('@electric-sql/pglite');
    if (command.kind === 'initialise') {
      await (await PGlite.create(command.folder, { relaxedDurability: false })).close();
      return () => lock.release();
    }
    const db = await PGlite.create(command.folder, {
      relaxedDurability: false,
      startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])],
    });
    const { PGLiteSocketServer } = await import('@electric-sql/pglite-socket');
    const { socket: path } = command;
    await rm(path, { force: true }); // of a process that died
    const server = new PGLiteSocketServer({ db, path, maxConnections: MAX_CONNECTIONS });
    await server.start();
    return async () => {
      await server.stop();
      await db.close();
      await removeSocketFolder(dirname(path)); // whoever asked for it may be dead
      await lock.release();
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function reply(message: DatabaseReply): void {
  if (process.connected) process.send?.(message);
}

// A signal from the terminal reaches all processes of the group; the coordinator decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.once('message', (message) => {
  const parentGone = new Promise<void>((resolve) => process.once('disconnect', resolve));
  const serve = async (): Promise<void> => {
    const close = await run(databaseCommand.parse(message));
    reply({ failure: null });
    if (process.connected) await parentGone;
    await close();
  };
  serve().then(
    () => process.exit(0),
    (error: unknown) => {
      reply({ failure: error instanceof Error ? error.message : String(error) });
      process.disconnect?.();
      process.exitCode = 1;
    },
  );
});
