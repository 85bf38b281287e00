import { rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { join, resolve } from 'node:path';
import { pino, type Logger } from 'pino';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { SumThreads } from './aggregation/sum-threads.js';
import { RefusalAudit } from './audit/refusal-audit.js';
import { FolderBlobStore } from './blobs/folder-blob-store.js';
import { steadyClock } from './clock.js';
import type { CoordinatorContext } from './context.js';
import { createApp } from './http/app.js';
import { loadRing, type KeyRing } from './keys/key-ring.js';
import { auditSigner, finishRotation } from './keys/rotate-keys.js';
import { boundConnections, SERVER_LIMITS, serverOptions, type ServerLimits } from './http/server-limits.js';
import type { TlsContext } from './http/tls.js';
import { GuessLimit } from '@fedoxnet/shared/access/guess-limit';
import { dropUnnamed } from './releases/unnamed-releases.js';
import { RoundEngine } from './rounds/engine.js';
import { LiveProgress } from './rounds/live-progress.js';
import { StatusReader } from './rounds/status-reader.js';
import { loadTokens, type AccessTokens } from './secret-files.js';
import { DoubleUse } from './sites/double-use.js';
import { SiteConnections } from './sockets/site-connections.js';
import { attachSockets, type LiveSockets } from './sockets/socket-server.js';
import { openDatabase, type Database } from './storage/database.js';
import { IncomingUpdates } from './uploads/incoming-updates.js';
import { UploadCollector } from './uploads/upload-collector.js';

export interface CoordinatorOptions {
  /** Keys, tokens, blobs and the embedded database. Made when absent. */
  readonly dataDir: string;
  /** postgres://…; without it the embedded database is used. */
  readonly databaseUrl?: string | undefined;
  /** Serves HTTPS with it; plain HTTP when left out. */
  readonly tls?: TlsContext | null;
  /** As in the configuration; by default no proxy, and links as requests come in. */
  readonly behindProxy?: boolean;
  readonly publicUrl?: string | undefined;
  /** Silent when left out. */
  readonly log?: Logger;
  /** How long a site that lost its connection keeps its place in a round. Default 60 000. */
  readonly leaseMs?: number;
  readonly limits?: ServerLimits;
}

export interface Coordinator {
  /** Not yet listening. */
  readonly server: HttpServer | TlsServer;
  /** With TLS: plain HTTP for commands on this machine, which cannot know the certificate's name. Not yet listening. */
  readonly local: HttpServer | null;
  readonly tokens: AccessTokens;
  readonly keys: PublicKeys;
  readonly database: Database;
  /** Finishes what is under way and stores it. The server stops listening, connections end. */
  close(): Promise<void>;
}

const LEASE_MS = 60_000;
/** What requests under way get at the end. */
const GRACE_MS = 3_000;

/**
 * Wires a coordinator and resumes its studies. Opens no port: the caller listens.
 * @throws {FederationError} `DATABASE_UNREACHABLE`, `DATA_IN_USE`, `CONFIG_INVALID`
 */
export async function createCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const { databaseUrl, tls = null, behindProxy = false, publicUrl } = options;
  const { leaseMs = LEASE_MS, limits = SERVER_LIMITS } = options;
  const { log = pino({ level: 'silent' }) } = options;
  const dataDir = resolve(options.dataDir);
  const tokens = await loadTokens(dataDir);
  let keys: KeyRing;
  const database = await openDatabase({ dataDir, databaseUrl, signAudit: auditSigner(() => keys) });
  try {
    // The folder is locked from here on, so no rotation is under way but one that was interrupted.
    keys = await loadRing(dataDir);
    keys = await finishRotation(dataDir, database, keys);
    failpoint('coordinator.start.migrated');
    const scratch = join(dataDir, 'scratch');
    await rm(scratch, { recursive: true, force: true });
    const blobs = new FolderBlobStore(join(dataDir, 'blobs'));
    await blobs.prepare();

    const incoming = new IncomingUpdates(database, blobs, keys, () => new Date());
    const threads = new SumThreads();
    const connections = new SiteConnections(log);
    const live = new LiveProgress();
    const { now } = steadyClock();
    // The engine needs the sockets and they need it; until they are there, nobody is connected who could be told.
    const attached: { sockets?: LiveSockets } = {};
    const engine = new RoundEngine({
      database,
      blobs,
      threads,
      keys,
      live,
      log,
      leaseMs,
      now,
      onChange: (study) => {
        attached.sockets?.changed(study);
        collector.changed(study);
      },
    });
    const collector = new UploadCollector({
      database,
      blobs,
      rounds: engine,
      log,
      onDropped: (id) => incoming.forget(id),
      now: Date.now,
    });
    const refusals = new RefusalAudit(database, log, () => new Date());
    const context: CoordinatorContext = {
      database,
      blobs,
      incoming,
      keys,
      tokens,
      guesses: new GuessLimit(),
      engine,
      status: new StatusReader(database, engine, live, connections, now),
      behindProxy,
      ownTls: tls !== null,
      publicUrl,
      log,
      now: () => new Date(),
      scratch,
      isConnected: (site) => connections.isConnected(site),
      agents: connections,
      refusals,
      doubleUse: new DoubleUse({ database, log, now: () => new Date() }),
      disconnect: (site) => connections.disconnect(site),
      announceCensus: (study) => attached.sockets?.censusChanged(study),
      disconnectPerson: (person) => attached.sockets?.disconnectPerson(person),
    };
    const app = createApp(context, limits);
    const http = serverOptions(limits);
    const server = tls === null ? createServer(http, app) : createTlsServer({ ...http, ...tls }, app);
    const local = tls === null ? null : createServer(http, app);
    for (const each of [server, local]) each?.setTimeout(limits.idleMs);
    boundConnections(server, limits, log);
    const sockets = attachSockets(server, context, connections);
    attached.sockets = sockets;
    for (const { name } of await database.stores.studies.all()) await dropUnnamed(name, database, blobs);
    await engine.start(connections);
    await collector.start();
    failpoint('coordinator.start.resumed');

    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      local?.close();
      const hurry = setTimeout(() => {
        server.closeAllConnections();
        local?.closeAllConnections();
      }, GRACE_MS);
      await sockets.close();
      clearTimeout(hurry);
      await engine.close();
      await collector.close();
      await incoming.close();
      await refusals.close();
      await threads.close();
      await database.close();
    };
    return {
      server,
      local,
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
