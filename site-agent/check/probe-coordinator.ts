import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hello } from '@fedoxnet/shared/protocol/http-messages';
import type { z } from 'zod';
import { outboundAgent } from '../agent/outbound-agent.js';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 64 * 1024;

/** What came back from `GET v1/hello`, and when. */
export interface CoordinatorAnswer {
  readonly status: number;
  /** Null when the body is no hello: something else answered. */
  readonly hello: z.infer<typeof hello> | null;
  /** Milliseconds since 1970 by the other side's clock, as its Date header says; null without one. */
  readonly theirTime: number | null;
  /** By this machine's clock, when it was asked and when it answered. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/**
 * Asks the coordinator who it is, the way the agent goes: through the same proxy, trusting the same certificates.
 * @throws {Error} with the system's or TLS's code when nothing answers
 */
export async function probeCoordinator(address: string): Promise<CoordinatorAnswer> {
  const agent = outboundAgent(address);
  const askedAt = Date.now();
  try {
    const response = await respond(new URL('v1/hello', `${address}/`), agent);
    const answeredAt = Date.now();
    const body = await readBody(response);
    const date = Date.parse(response.headers.date ?? '');
    return {
      status: response.statusCode ?? 0,
      hello: parse(body),
      theirTime: Number.isNaN(date) ? null : date,
      askedAt,
      answeredAt,
    };
  } finally {
    agent.destroy();
  }
}

function respond(url: URL, agent: ReturnType<typeof outboundAgent>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const asked = start(url, { agent, timeout: TIMEOUT_MS }, resolve);
    asked.once('timeout', () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    asked.once('error', reject);
    asked.end();
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BYTES) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parse(body: string): z.infer<typeof hello> | null {
  try {
    return hello.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
