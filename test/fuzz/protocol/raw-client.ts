import { Agent, request as httpRequest } from 'node:http';
import { isErrorCode } from '@fedoxnet/shared/errors';
import type { Dice } from '../dice.js';

export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly body: string;
}

export interface RawRequest {
  readonly method: string;
  /** With its leading slash; not checked. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The connection is cut after so many bytes of the body. */
  readonly cutAfter?: number;
}

/** Sends what no well-behaved client would. */
export class RawClient {
  readonly #agent: Agent;
  readonly #port: number;

  constructor(url: string, sideBySide: number) {
    this.#port = Number(new URL(url).port);
    this.#agent = new Agent({ keepAlive: true, maxSockets: sideBySide });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** A connection that the server ended while it lay idle is opened again, as Node's documentation says clients must. */
  async send(request: RawRequest): Promise<RawAnswer> {
    for (;;) {
      const answer = await this.#sendOnce(request);
      if (answer !== 'stale connection') return answer;
    }
  }

  #sendOnce({
    method,
    path,
    headers = {},
    body = '',
    cutAfter,
  }: RawRequest): Promise<RawAnswer | 'stale connection'> {
    return new Promise((resolve, reject) => {
      const place = { host: '127.0.0.1', port: this.#port, agent: this.#agent };
      const sent = httpRequest({ ...place, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', () => resolve({ status: 0, body: '' }));
      });
      sent.on('error', (cause) => {
        // What is refused before it was read ends with its connection, sometimes ahead of the answer.
        if (cutAfter !== undefined || body.length > 2 ** 20) resolve({ status: 0, body: '' });
        else if (sent.reusedSocket) resolve('stale connection');
        else reject(new Error(`${method} ${path.slice(0, 200)} ${textOf(body)}`, { cause }));
      });
      if (cutAfter !== undefined) {
        sent.setHeader('content-length', body.length);
        sent.write(body.slice(0, cutAfter), () => setImmediate(() => sent.destroy()));
        return;
      }
      // Node's client sends a body without its length with any other method, which ends the connection for the next request.
      sent.end(['POST', 'PUT', 'PATCH'].includes(method) ? body : '');
    });
  }
}

/** The due answer, or a refusal that names its code: nothing else may come back, whatever was sent. */
export function isInOrder({ status, body }: RawAnswer): boolean {
  return status < 400 || (status < 500 && (body === '' || isErrorCode(codeIn(body))));
}

export function codeIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { error?: { code?: unknown } }).error?.code;
  } catch {
    return null;
  }
}

/** Of a few thousand: the limit per address must not hide the rest, and what it keeps of each must not look like a leak. */
export function someAddress(dice: Dice): string {
  return `10.0.${dice.below(16)}.${dice.below(256)}`;
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body.slice(0, 500) : `${body.length} bytes`;
}
