import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FederationError, type ErrorCode } from '@fedoxnet/shared/errors';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { generateKeys, publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { COORDINATOR_SESSION_LABEL, sessionText } from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';

/** One request as a route sees it. */
export interface Seen {
  readonly body: Buffer;
  readonly token: string | null;
  readonly request: IncomingMessage;
}
/** @returns the JSON or bytes to answer with; may throw a FederationError, or destroy the socket and return null */
export type Route = (seen: Seen) => unknown;

/**
 * A coordinator of a few lines for tests of single parts of the agent: it enrols and signs in every site, and each test adds the
 * routes it needs, well or badly behaved. The real coordinator meets the agent in test/e2e.
 */
export interface ProtocolServer {
  readonly address: string;
  readonly keys: SiteKeys;
  /** `METHOD /path` of every request, in order. */
  readonly requests: string[];
  /** Tokens that sessions were answered with. */
  readonly tokens: string[];
  readonly routes: Map<string, Route>;
  close(): Promise<void>;
}

export async function startProtocolServer(keys: SiteKeys = generateKeys()): Promise<ProtocolServer> {
  const routes = new Map<string, Route>();
  const requests: string[] = [];
  const tokens: string[] = [];
  const challenge = Buffer.alloc(32, 7).toString('base64');
  routes.set('GET /v1/hello', () => ({ protocol: PROTOCOL, coordinator: publicKeysOf(keys) }));
  routes.set('POST /v1/sites/enrol', ({ body }) => {
    const { site } = JSON.parse(body.toString()) as { site: string };
    return { site, coordinator: publicKeysOf(keys) };
  });
  routes.set('POST /v1/sites/challenge', () => ({ challenge }));
  routes.set('POST /v1/sites/session', ({ body }) => {
    const { site, nonce } = JSON.parse(body.toString()) as { site: string; nonce: string };
    const token = `token-${tokens.length + 1}-`.padEnd(32, 'x');
    tokens.push(token);
    const signature = signText(
      COORDINATOR_SESSION_LABEL,
      sessionText(site, challenge, nonce),
      keys.sign.secretKey,
    );
    return { token, expiresAt: new Date(Date.now() + 3_600_000).toISOString(), signature };
  });
  const server = createServer((request, response) => {
    void answer(request, response, routes, requests);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    keys,
    requests,
    tokens,
    routes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ReadonlyMap<string, Route>,
  requests: string[],
): Promise<void> {
  const name = `${request.method} ${request.url}`;
  requests.push(name);
  try {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? null;
    const route = routes.get(name);
    if (route === undefined) throw new FederationError('NOT_FOUND', `There is no ${name}.`);
    const reply = await route({ body, token, request });
    if (response.destroyed) return;
    response.end(reply instanceof Uint8Array ? reply : JSON.stringify(reply));
  } catch (error) {
    if (response.destroyed) return;
    const { code, message, entry } = error as FederationError;
    response.statusCode = entry.http;
    response.end(JSON.stringify({ error: { code: code satisfies ErrorCode, message, help: entry.help } }));
  }
}
