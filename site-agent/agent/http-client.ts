import {
  type Agent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { refusal } from '@fedoxnet/shared/protocol/http-messages';
import { MAX_JSON_BYTES } from '@fedoxnet/shared/protocol/limits';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import type { Ledger } from '../ledger/ledger.js';
import type { SentAbout } from '../ledger/sent-item.js';
import { outboundAgent } from './outbound-agent.js';
import { refusalIn } from './refusal.js';
import type { TokenBucket } from './token-bucket.js';

/** Bytes of HTTP bodies since the agent started, as they crossed the wire. */
export interface Traffic {
  sent: number;
  received: number;
}

/** Where the token of an authorised request comes from; see session.ts. */
export interface TokenSource {
  token(): Promise<string>;
  /** Called when the coordinator no longer accepts `token`. */
  expire(token: string): void;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Relative to the coordinator's address, for example `v1/hello`. */
  readonly path: string;
  readonly json?: unknown;
  readonly bytes?: Uint8Array;
  readonly signal?: AbortSignal;
  /** For the ledger, where the path does not say it. */
  readonly about?: SentAbout;
  /** Where the client authorises nothing: what this request shows all the same. */
  readonly token?: string | undefined;
}

export interface HttpClientOptions {
  /** Authorises every request; without it none is. */
  readonly tokens?: TokenSource;
  /** Rate of bodies in bytes, as long as the site limits it. */
  readonly upload?: TokenBucket | null;
  /** Gets every body that leaves. */
  readonly ledger?: Pick<Ledger, 'request'>;
}

/** A body on its way out. */
interface Outgoing {
  readonly payload: Uint8Array;
  /** Held to the site's rate. */
  readonly isPaced: boolean;
  readonly about: SentAbout | undefined;
}

/** Without a sign of life for so long. A 4 MiB chunk that lies in the system's buffers takes 260 s over 128 kbit/s. */
const IDLE_MS = { json: 30_000, bytes: 300_000 } as const;
/** Transfers side by side, and room for a question beside them. */
const CONNECTIONS = 6;
/** What is sent at once where the line's rate is limited. */
const PACED_BYTES = 16 * 1024;

/** Speaks HTTP with one coordinator: no redirects, bounded bodies, refusals as `FederationError`. */
export class HttpClient {
  private readonly base: URL;
  private readonly agent: Agent;

  private readonly tokens: TokenSource | null;
  private readonly upload: TokenBucket | null;
  private readonly ledger: Pick<Ledger, 'request'> | null;

  constructor(
    private readonly address: string,
    readonly traffic: Traffic,
    { tokens, upload, ledger }: HttpClientOptions = {},
  ) {
    this.tokens = tokens ?? null;
    this.upload = upload ?? null;
    this.ledger = ledger ?? null;
    this.base = new URL(`${address}/`);
    const options = { keepAlive: true, maxSockets: CONNECTIONS };
    this.agent = outboundAgent(address, options);
  }

  /**
   * @param name the reply as PROTOCOL.md calls it, for the error message
   * @throws {FederationError} the coordinator's refusal, `COORDINATOR_UNREACHABLE`, or `MESSAGE_INVALID` for a reply that does not fit
   */
  async json<S extends z.ZodType>(request: HttpRequest, schema: S, name: string): Promise<z.infer<S>> {
    const body = await this.authorised(request, IDLE_MS.json, new Uint8Array(0));
    return parseMessage(schema, parseJson(body, name), name);
  }

  /** For requests whose reply says nothing beyond its status. */
  async send(request: HttpRequest): Promise<void> {
    await this.authorised(request, IDLE_MS.bytes, new Uint8Array(0));
  }

  /** A body of at most `limit` bytes. @param buffer where to put it, when it fits there */
  bytes(request: HttpRequest, limit: number, buffer = new Uint8Array(limit)): Promise<Uint8Array> {
    return this.authorised(request, IDLE_MS.bytes, buffer, limit);
  }

  /** Tokens end on their own time: one refusal as SESSION_INVALID is answered by signing in again. */
  private async authorised(
    request: HttpRequest,
    idleMs: number,
    buffer: Uint8Array,
    limit: number = MAX_JSON_BYTES,
  ): Promise<Uint8Array> {
    if (this.tokens === null) return this.once(request, idleMs, buffer, limit, request.token ?? null);
    const token = await this.tokens.token();
    try {
      return await this.once(request, idleMs, buffer, limit, token);
    } catch (error) {
      if (!(error instanceof FederationError) || error.code !== 'SESSION_INVALID') throw error;
      this.tokens.expire(token);
      return this.once(request, idleMs, buffer, limit, await this.tokens.token());
    }
  }

  private async once(
    { method, path, json, bytes, signal, about }: HttpRequest,
    idleMs: number,
    buffer: Uint8Array,
    limit: number,
    token: string | null,
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const payload = bytes ?? (json === undefined ? null : Buffer.from(JSON.stringify(json)));
    const headers: Record<string, string | number> = {};
    if (token !== null) headers.authorization = `Bearer ${token}`;
    if (payload !== null) {
      headers['content-type'] = bytes === undefined ? 'application/json' : 'application/octet-stream';
      headers['content-length'] = payload.byteLength;
    }
    const options = { method, headers, agent: this.agent, timeout: idleMs, ...(signal && { signal }) };
    try {
      const sending = payload && { payload, isPaced: bytes !== undefined, about };
      const response = await this.respond(path, options, sending);
      const status = response.statusCode ?? 0;
      const isSuccess = status >= 200 && status < 300;
      const body = isSuccess
        ? await this.readBody(response, buffer, limit)
        : await this.readBody(response, new Uint8Array(0), MAX_JSON_BYTES);
      if (!isSuccess) throw refusalOf(status, body, `${method} /${path}`);
      return body;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FederationError) throw error;
      throw unreachable(this.address, error);
    }
  }

  private respond(path: string, options: RequestOptions, body: Outgoing | null): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const start = this.base.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = start(new URL(path, this.base), options);
      request.once('timeout', () => request.destroy(new Error('no sign of life')));
      request.once('response', resolve);
      // Stays for what happens after the answer began: there the reader of the body hears of it.
      request.on('error', (error: NodeJS.ErrnoException) => {
        const { reusedSocket, res } = request as ClientRequest & { readonly res?: IncomingMessage };
        // The other side may close a resting connection in the very moment that it is used again.
        const wasClosed = reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
        if (wasClosed && res === undefined && !options.signal?.aborted) {
          resolve(this.respond(path, options, body));
        } else reject(error);
      });
      this.write(request, path, body).catch((error: Error) => request.destroy(error));
    });
  }

  private async write(request: ClientRequest, path: string, body: Outgoing | null): Promise<void> {
    if (body === null) {
      request.end();
      return;
    }
    const { payload, isPaced, about } = body;
    const note = (bytes: number) => this.ledger?.request({ path, body: payload, bytes, about });
    if (isPaced && this.upload !== null) {
      let sent = 0;
      try {
        for (; sent < payload.byteLength;) {
          const piece = payload.subarray(sent, sent + PACED_BYTES);
          await this.upload.take(piece.byteLength);
          if (request.destroyed) return;
          request.write(piece);
          sent += piece.byteLength;
          this.traffic.sent += piece.byteLength;
        }
      } finally {
        if (sent > 0) note(sent);
      }
      request.end();
      return;
    }
    request.end(payload, () => {
      this.traffic.sent += payload.byteLength;
      note(payload.byteLength);
    });
  }

  /** @returns a view of `buffer` when the body fits there, else memory of its own */
  private async readBody(response: IncomingMessage, buffer: Uint8Array, limit: number): Promise<Uint8Array> {
    let target = buffer;
    let length = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      this.traffic.received += piece.byteLength;
      const end = length + piece.byteLength;
      if (end > limit) {
        response.destroy();
        throw new FederationError('TOO_LARGE', `A reply of the coordinator is above ${limit} bytes.`);
      }
      if (end > target.length) {
        const grown = new Uint8Array(Math.min(limit, Math.max(end, 2 * target.length)));
        grown.set(target.subarray(0, length));
        target = grown;
      }
      target.set(piece, length);
      length = end;
    }
    return target.subarray(0, length);
  }
}

function parseJson(body: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch (cause) {
    throw new FederationError('MESSAGE_INVALID', `The coordinator's ${name} is not JSON.`, { cause });
  }
}

/** A refusal in the protocol's own words; anything else came from something between us and the coordinator. */
function refusalOf(status: number, body: Uint8Array, request: string): FederationError {
  let value: unknown = null;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // An error page of a proxy: reported by its status below.
  }
  const parsed = refusal.safeParse(value);
  const said = parsed.success ? refusalIn(parsed.data) : null;
  if (said !== null) return said;
  if (status === 429) return new FederationError('RATE_LIMITED', `${request} was answered with status 429.`);
  return new FederationError(
    status >= 500 || status === 407 || status === 408 ? 'COORDINATOR_UNREACHABLE' : 'MESSAGE_INVALID',
    `${request} was answered with status ${status}.`,
  );
}

function unreachable(address: string, error: unknown): FederationError {
  const reason =
    error instanceof Error ? (error as NodeJS.ErrnoException).code || error.message : String(error);
  return new FederationError(
    'COORDINATOR_UNREACHABLE',
    `The coordinator at ${address} does not answer (${reason}).`,
    { cause: error },
  );
}
