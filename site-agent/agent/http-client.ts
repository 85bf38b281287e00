import type { z } from 'zod';
import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import { refusal } from '@fedoxnet/shared/protocol/http-messages';
import { MAX_JSON_BYTES } from '@fedoxnet/shared/protocol/limits';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';

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
}

const JSON_TIMEOUT_MS = 30_000;
/** A 4 MiB chunk over a line of 128 kbit/s takes 260 s. */
const BYTES_TIMEOUT_MS = 300_000;

/** Speaks HTTP with one coordinator: no redirects, bounded bodies, refusals as `FederationError`. */
export class HttpClient {
  constructor(
    private readonly address: string,
    readonly traffic: Traffic,
    private readonly tokens: TokenSource | null = null,
  ) {}

  /**
   * @param name the reply as PROTOCOL.md calls it, for the error message
   * @throws {FederationError} the coordinator's refusal, `COORDINATOR_UNREACHABLE`, or `MESSAGE_INVALID` for a reply that does not fit
   */
  async json<S extends z.ZodType>(request: HttpRequest, schema: S, name: string): Promise<z.infer<S>> {
    const body = await this.authorised(request, JSON_TIMEOUT_MS, MAX_JSON_BYTES);
    return parseMessage(schema, parseJson(body, name), name);
  }

  /** For requests whose reply says nothing beyond its status. */
  async send(request: HttpRequest): Promise<void> {
    await this.authorised(request, BYTES_TIMEOUT_MS, MAX_JSON_BYTES);
  }

  /** A body of at most `limit` bytes. */
  bytes(request: HttpRequest, limit: number): Promise<Uint8Array> {
    return this.authorised(request, BYTES_TIMEOUT_MS, limit);
  }

  /** Tokens end on their own time: one refusal as SESSION_INVALID is answered by signing in again. */
  private async authorised(request: HttpRequest, timeoutMs: number, limit: number): Promise<Uint8Array> {
    if (this.tokens === null) return this.once(request, timeoutMs, limit, null);
    const token = await this.tokens.token();
    try {
      return await this.once(request, timeoutMs, limit, token);
    } catch (error) {
      if (!(error instanceof FederationError) || error.code !== 'SESSION_INVALID') throw error;
      this.tokens.expire(token);
      return this.once(request, timeoutMs, limit, await this.tokens.token());
    }
  }

  private async once(
    request: HttpRequest,
    timeoutMs: number,
    limit: number,
    token: string | null,
  ): Promise<Uint8Array> {
    const { method, path, json, bytes, signal } = request;
    const payload = bytes ?? (json === undefined ? undefined : Buffer.from(JSON.stringify(json)));
    const headers: Record<string, string> = {};
    if (token !== null) headers.authorization = `Bearer ${token}`;
    if (payload !== undefined) {
      headers['content-type'] = bytes === undefined ? 'application/json' : 'application/octet-stream';
    }
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(new URL(path, `${this.address}/`), {
        method,
        headers,
        redirect: 'error',
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        ...(payload === undefined ? {} : { body: payload as Uint8Array<ArrayBuffer> }),
      });
      this.traffic.sent += payload?.byteLength ?? 0;
      const body = await this.readBody(response, response.ok ? limit : MAX_JSON_BYTES);
      if (!response.ok) throw refusalOf(response.status, body, `${method} /${path}`);
      return body;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof FederationError) throw error;
      throw unreachable(this.address, error);
    }
  }

  private async readBody(response: Response, limit: number): Promise<Uint8Array> {
    if (response.body === null) return new Uint8Array(0);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of response.body as AsyncIterable<Uint8Array>) {
      this.traffic.received += piece.byteLength;
      length += piece.byteLength;
      if (length > limit) {
        throw new FederationError('TOO_LARGE', `A reply of the coordinator is above ${limit} bytes.`);
      }
      pieces.push(piece);
    }
    return Buffer.concat(pieces, length);
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
  if (parsed.success && isErrorCode(parsed.data.error.code)) {
    return new FederationError(parsed.data.error.code, parsed.data.error.message);
  }
  if (status === 429) return new FederationError('RATE_LIMITED', `${request} was answered with status 429.`);
  return new FederationError(
    status >= 500 || status === 407 || status === 408 ? 'COORDINATOR_UNREACHABLE' : 'MESSAGE_INVALID',
    `${request} was answered with status ${status}.`,
  );
}

function unreachable(address: string, error: unknown): FederationError {
  // fetch hides the reason (ECONNREFUSED, certificate, …) one level down.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason =
    cause instanceof Error ? (cause as NodeJS.ErrnoException).code || cause.message : String(cause);
  return new FederationError(
    'COORDINATOR_UNREACHABLE',
    `The coordinator at ${address} does not answer (${reason}).`,
    { cause: error },
  );
}
