import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { FederationError } from '@fedoxnet/shared/errors';

/**
 * PostgreSQL inside this process, behind a Unix socket, so that everything else speaks to it through `pg` as to any
 * server. PGlite checks no password; the socket therefore lies in a folder that only this user can enter.
 */
export interface EmbeddedPostgres {
  /** For `pg`: the folder of the socket. */
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** `pg` looks for `<host>/.s.PGSQL.<port>`. */
const PORT = 5432;
/** More than the pool ever opens, so that a reconnect meets no limit while the old connection is closing. */
const MAX_CONNECTIONS = 32;

/** @param folder where the database lives; made when absent. One process at a time (folder-lock.ts). */
export async function startEmbeddedPostgres(folder: string): Promise<EmbeddedPostgres> {
  const socketFolder = await mkdtemp(join(tmpdir(), 'fedoxnet-db-'));
  try {
    const db = await PGlite.create(folder, { relaxedDurability: false });
    const server = new PGLiteSocketServer({
      db,
      path: join(socketFolder, `.s.PGSQL.${PORT}`),
      maxConnections: MAX_CONNECTIONS,
    });
    await server.start();
    const close = async (): Promise<void> => {
      await server.stop();
      await db.close();
      await rm(socketFolder, { recursive: true, force: true });
    };
    return { host: socketFolder, port: PORT, close };
  } catch (cause) {
    await rm(socketFolder, { recursive: true, force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FederationError(
      'DATABASE_UNREACHABLE',
      `The embedded database in ${folder} does not start: ${reason}.`,
      { cause },
    );
  }
}
