import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { FederationError } from '@fedoxnet/shared/errors';
import { MAX_SOCKET_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { CoordinatorContext } from '../context.js';
import { DashboardNamespace } from './dashboard-namespace.js';
import { refusedHandshake } from './refused-handshake.js';
import type { SiteConnections } from './site-connections.js';
import { siteNamespace } from './site-namespace.js';

/** Notices a dead connection after at most 18 s. */
const PING_INTERVAL_MS = 10_000;
const PING_TIMEOUT_MS = 8_000;
/** A connection that has not shown a token by then is ended. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface LiveSockets {
  /** A study has changed: tells the dashboards. */
  changed(study: string): void;
  /** A site's census of the study came or went. */
  censusChanged(study: string): void;
  /** Ends the dashboards that a person has open. */
  disconnectPerson(person: string): void;
  /** Ends every connection and stops the HTTP server from listening. */
  close(): Promise<void>;
}

/** All sockets of the coordinator, on the server that also answers HTTP. */
export function attachSockets(
  server: HttpServer,
  context: CoordinatorContext,
  connections: SiteConnections,
): LiveSockets {
  const io = new Server(server, {
    maxHttpBufferSize: MAX_SOCKET_BYTES,
    pingInterval: PING_INTERVAL_MS,
    pingTimeout: PING_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    serveClient: false,
  });
  // Whoever is in a namespace is not asked to leave for want of a token, and this one lets everybody in.
  io.of('/').use((socket, next) => {
    const refused = new FederationError('NOT_FOUND', 'Nothing happens in the namespace /.');
    next(refusedHandshake(context, socket, refused));
  });
  const dashboard = new DashboardNamespace(io, context);
  siteNamespace(io, {
    context,
    connections,
    onProgress: (site, message) => dashboard.progress(site, message),
  });
  return {
    changed: (study) => dashboard.changed(study),
    censusChanged: (study) => dashboard.censusChanged(study),
    disconnectPerson: (person) => dashboard.disconnectPerson(person),
    async close() {
      dashboard.close();
      await io.close();
    },
  };
}
