import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { FederationError } from '@fedoxnet/shared/errors';
import { outboundAgent, ProxyRefused, ProxyUnreachable } from '../../../agent/outbound-agent.js';
import { FilmNotGiven, pacsAnswerInvalid, pacsRefused, pacsUnreachable } from '../pacs-failure.js';
import type { PacsSecret } from '../pacs-secret.js';
import { tlsFailure } from '../tls-failure.js';

export interface WebTarget {
  /** Root of the services, for example https://pacs.hospital/dicom-web. */
  readonly url: string;
  readonly secret: PacsSecret | null;
  /** Without a sign of life. */
  readonly timeoutMs: number;
  readonly connections: number;
}

export interface WebAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: AsyncIterable<Buffer>;
}

interface WebRequest {
  readonly method: 'GET' | 'POST';
  /** Below the root, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  /** What an answer may have; others are refusals. */
  readonly statuses: readonly number[];
  readonly body?: WebBody;
}

export interface WebBody {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Called with their number when all of them were handed to the system. */
  readonly onLeft: (bytes: number) => void;
}

/** Asks one DICOMweb server the way the agent goes out: same proxy, same certificates, no redirects. */
export class WebClient {
  private readonly base: URL;
  private readonly agent: Agent;

  constructor(
    private readonly target: WebTarget,
    private readonly place: string,
  ) {
    this.base = new URL(`${target.url.replace(/\/+$/, '')}/`);
    this.agent = outboundAgent(target.url, { keepAlive: true, maxSockets: target.connections });
  }

  /**
   * Gets `path` and has `read` take the answer; afterwards nothing of it is left open.
   * @param path below the root, with its query
   * @throws {FederationError} `PACS_UNREACHABLE`, `PACS_REFUSED`, `PACS_UNTRUSTED`, `PACS_ANSWER_INVALID`; {FilmNotGiven} for a status
   *   that speaks of this resource alone
   */
  get<T>(
    path: string,
    accept: string,
    signal: AbortSignal,
    read: (answer: WebAnswer) => Promise<T>,
  ): Promise<T> {
    return this.exchange(
      { method: 'GET', path, headers: { accept }, statuses: [200, 206, 204] },
      signal,
      read,
    );
  }

  /**
   * Posts `body` and has `read` take the answer. @param statuses that `read` understands
   * @throws as `get`
   */
  post<T>(
    path: string,
    body: WebBody,
    accept: string,
    statuses: readonly number[],
    signal: AbortSignal,
    read: (answer: WebAnswer) => Promise<T>,
  ): Promise<T> {
    const headers = { accept, 'content-type': body.type, 'content-length': body.bytes.byteLength };
    return this.exchange({ method: 'POST', path, headers, statuses, body }, signal, read);
  }

  private async exchange<T>(
    asked: WebRequest,
    signal: AbortSignal,
    read: (answer: WebAnswer) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    let response: IncomingMessage | null = null;
    try {
      response = await this.respond(asked, signal);
      const status = response.statusCode ?? 0;
      if (!asked.statuses.includes(status)) throw this.refusal(status);
      const contentType = response.headers['content-type'] ?? '';
      return await read({ status, contentType, body: response as AsyncIterable<Buffer> });
    } catch (error) {
      signal.throwIfAborted();
      if (isConnectionFailure(error))
        throw tlsFailure(this.place, error) ?? pacsUnreachable(this.place, reasonOf(error), error);
      throw error;
    } finally {
      if (response?.complete !== true) response?.destroy();
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private respond(
    { method, path, headers, body }: WebRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const start = this.base.protocol === 'https:' ? httpsRequest : httpRequest;
      const { secret, timeoutMs } = this.target;
      const request = start(new URL(path, this.base), {
        ...{ method, agent: this.agent, timeout: timeoutMs, signal },
        headers: { ...headers, ...(secret !== null && { authorization: secret.header() }) },
      });
      request.once('timeout', () =>
        request.destroy(Object.assign(new Error(`no sign of life for ${timeoutMs / 1000} s`), SILENT)),
      );
      request.once('response', resolve);
      request.on('error', reject); // stays: what happens to the body, its reader hears as well
      if (body === undefined) request.end();
      else request.end(body.bytes, () => body.onLeft(body.bytes.byteLength));
    });
  }

  private refusal(status: number): Error {
    if (status === 401) return pacsRefused(this.place, 'user or password or token is wrong (status 401)');
    if (status === 403 || status === 407)
      return pacsRefused(this.place, `access is denied (status ${status})`);
    if (status === 408 || status === 429 || (status >= 502 && status <= 504))
      return pacsUnreachable(this.place, `status ${status}`);
    if (status >= 300 && status < 400)
      return pacsAnswerInvalid(this.place, `it sends elsewhere (status ${status}), which is not followed`);
    return new FilmNotGiven(`the PACS answers with status ${status}`);
  }
}

const SILENT = { code: 'ETIMEDOUT' };

/** Of sockets, of TLS, of the proxy. */
function isConnectionFailure(error: unknown): error is NodeJS.ErrnoException {
  if (error instanceof ProxyUnreachable || error instanceof ProxyRefused) return true;
  const isOurs = error instanceof FederationError;
  return !isOurs && error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === undefined || code === 'ETIMEDOUT' ? message : code;
}
