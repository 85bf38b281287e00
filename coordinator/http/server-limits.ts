import type { ServerOptions } from 'node:http';
import type { Server } from 'node:net';
import type { Logger } from 'pino';
import { MAX_JSON_BYTES, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { Seldom } from '../audit/seldom.js';

/** What the HTTP server grants connections, most of it before anyone knows who they are. Milliseconds and bytes. */
export interface ServerLimits {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** All headers of a request together, its first line included. */
  readonly headerBytes: number;
  /** Without a byte in either direction. What lies in the buffers of both systems takes long to leave over a thin line. */
  readonly idleMs: number;
  /** How often late requests and slow bodies are looked for. */
  readonly everyMs: number;
  /** A body may rest for so long, and must from then on have come at the rate, on average. */
  readonly graceMs: number;
  /** Bytes per second: two chunks side by side over 64 kbit/s. */
  readonly bodyRate: number;
  /** At a time; a thousand sites keep one socket and a few requests each. */
  readonly connections: number;
  /** Large JSON bodies that are in memory at a time, and of them those of one site or person. */
  readonly jsonBytes: number;
  readonly jsonBytesOfOne: number;
}

export const SERVER_LIMITS: ServerLimits = {
  headersMs: 15_000,
  headerBytes: 16 * 1024,
  idleMs: 300_000,
  everyMs: 5_000,
  graceMs: 60_000,
  bodyRate: 4_000,
  connections: 10_000,
  jsonBytes: 16 * MAX_JSON_BYTES,
  jsonBytesOfOne: 2 * MAX_JSON_BYTES,
};

/** A body of a request that nobody has yet vouched for: sign-in, enrolment and challenges stay far below. */
export const MAX_STRANGER_BYTES = 16 * 1024;

export function serverOptions({
  headersMs,
  headerBytes,
  everyMs,
  graceMs,
  bodyRate,
}: ServerLimits): ServerOptions {
  return {
    headersTimeout: headersMs,
    // Behind the watch over bodies, for what does not pass it: a chunk at the lowest rate, and a minute.
    requestTimeout: headersMs + graceMs + Math.ceil((1000 * SEALED_CHUNK_BYTES) / bodyRate) + 60_000,
    maxHeaderSize: headerBytes,
    connectionsCheckingInterval: everyMs,
  };
}

/** Turns connections away above the limit, and says so now and then: whoever could tell is outside. */
export function boundConnections(
  server: Server,
  { connections }: Pick<ServerLimits, 'connections'>,
  log: Pick<Logger, 'warn'>,
): void {
  const seldom = new Seldom();
  server.maxConnections = connections;
  server.on('drop', () => {
    if (seldom.passes('drop'))
      log.warn({ connections }, 'connections are turned away, because there are so many');
  });
}
