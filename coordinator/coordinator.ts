import { rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import { join, resolve } from 'node:path';
import { pino, type Logger } from 'pino';
import { Server as SocketServer } from 'socket.io';
import { MAX_SOCKET_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { FolderBlobStore } from './blobs/folder-blob-store.js';
import type { CoordinatorContext } from './context.js';
import { createApp } from './http/app.js';
import { RoundEngine } from './rounds/engine.js';
import { LiveProgress } from './rounds/live-progress.js';
import { StatusReader } from './rounds/status-reader.js';
import { loadKeys, loadTokens, type AccessTokens } from './secret-files.js';
import { DashboardNamespace } from './sockets/dashboard-namespace.js';
import { SiteConnections } from './sockets/site-connections.js';
import { siteNamespace } from './sockets/site-namespace.js';
import { openDatabase, type Database } from './storage/database.js';

export interface CoordinatorOptions {
  /** Keys, tokens, blobs and the embedded database. Made when absent. */
  readonly dataDir: string;
  /** postgres://…; without it the embedded database is used. */
  readonly databaseUrl?: string | undefined;
  /** Silent when left out. */
  readonly log?: Logger;
  /** How long a site that lost its connection keeps its place in a round. Default 60 000. */
  readonly leaseMs?: number;
}

export interface Coordinator {
  /** Not yet listening. */
  readonly server: HttpServer;
  readonly tokens: AccessTokens;
  readonly keys: PublicKeys;
  readonly database: Database;
  /** Finishes what is under way and stores it. The server stops listening, connections end. */
  close(): Promise<void>;
}

const LEASE_MS = 60_000;
/** Notices a dead connection after at most 18 s. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 8_000;
/** What requests under way get at the end. */
const GRACE_MS = 3_000;

/**
 * Wires a coordinator and resumes its studies. Opens no port: the caller listens.
 * @throws {FederationError} `DATABASE_UNREACHABLE`, `DATA_IN_USE`, `CONFIG_INVALID`
 */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { databaseUrl, log = pino({ level: 'silent' }), leaseMs = LEASE_MS } = options;
  const dataDir = resolve(options.dataDir);
  const database = await openDatabase({ dataDir, databaseUrl });
  try {
    const [keys, tokens] = [await loadKeys(dataDir), await loadTokens(dataDir)];
    const scratch = join(dataDir, 'scratch');
    await rm(scratch, { recursive: true, force: true });
    const blobs = new FolderBlobStore(join(dataDir, 'blobs'));
    await blobs.prepare();

    const connections = new SiteConnections(log);
    const live = new LiveProgress();
    const dashboards: DashboardNamespace[] = [];
    const engine = new RoundEngine({
      database,
      blobs,
      keys,
      live,
      log,
      leaseMs,
      now: Date.now,
      onChange: (study) => dashboards.forEach((dashboard) => dashboard.changed(study)),
    });
    const context: CoordinatorContext = {
      database,
      blobs,
      keys,
      tokens,
      engine,
      status: new StatusReader(database, engine, live, connections, Date.now),
      log,
      now: () => new Date(),
      scratch,
      isConnected: (site) => connections.isConnected(site),
      disconnect: (site) => connections.disconnect(site),
    };
    const server = createServer(createApp(context));
    const io = new SocketServer(server, {
      maxHttpBufferSize: MAX_SOCKET_BYTES,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      serveClient: false,
    });
    const dashboard = new DashboardNamespace(io, context);
    dashboards.push(dashboard);
    siteNamespace(io, {
      context,
      connections,
      onProgress: (site, message) => dashboard.progress(site, message),
    });
    await engine.start(connections);

    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      dashboard.close();
      const hurry = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await io.close();
      clearTimeout(hurry);
      await engine.close();
      await database.close();
    };
    return {
      server,
      tokens,
      keys: publicKeysOf(keys),
      database,
      close: () => (closing ??= close()),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
