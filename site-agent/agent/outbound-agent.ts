import { Agent, request, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/**
 * The proxy that the environment names for an address, as most programs read it: HTTPS_PROXY or ALL_PROXY for https, in
 * capitals or small, unless NO_PROXY lists the host, its domain, or `*`. Plain http, which stays inside a network, goes directly.
 * @returns null for a direct connection
 * @throws {TypeError} when the variable is no URL
 */
export function proxyFor(address: string, environment: NodeJS.ProcessEnv = process.env): URL | null {
  const { protocol, hostname, port } = new URL(address);
  const variable = (name: string): string => environment[name] || environment[name.toLowerCase()] || '';
  const proxy = variable('HTTPS_PROXY') || variable('ALL_PROXY');
  if (protocol !== 'https:' || proxy === '') return null;
  const exempt = variable('NO_PROXY')
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => isExempt(entry, hostname.toLowerCase(), port || '443'));
  return exempt ? null : new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}

/** `host`, `.domain`, `domain`, `*`, each with or without a port. */
function isExempt(entry: string, hostname: string, port: string): boolean {
  const [, name = '', onlyPort] = /^\*?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entry === '' || (onlyPort !== undefined && onlyPort !== port)) return false;
  if (entry.startsWith('*') && name === '') return true;
  const domain = name.replace(/^\./, '');
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** Connections to one address, through the proxy that the environment names. Certificates: NODE_EXTRA_CA_CERTS adds a CA. */
export function outboundAgent(
  address: string,
  options: AgentOptions & HttpsAgentOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Agent {
  if (new URL(address).protocol === 'http:') return new Agent(options);
  const proxy = proxyFor(address, environment);
  return proxy === null ? new HttpsAgent(options) : new TunnelAgent(proxy, options);
}

/** TLS to the far end through a CONNECT tunnel (RFC 9110, 9.3.6): the proxy sees where to, and nothing else. */
class TunnelAgent extends HttpsAgent {
  constructor(
    private readonly proxy: URL,
    options: HttpsAgentOptions,
  ) {
    super(options);
  }

  override createConnection(
    options: ConnectionOptions,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const finish = done as (error: Error | null, stream?: Duplex) => void;
    const { hostname, port, username, password } = this.proxy;
    const target = `${options.host}:${options.port}`;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    const authorization =
      username === ''
        ? {}
        : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
    const asked = request({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || 80,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization },
      agent: false,
      timeout: options.timeout,
    });
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) return finish(null, connectTls({ ...options, socket }));
      socket.destroy();
      finish(new ProxyRefused(this.proxy, statusCode));
    });
    asked.once('timeout', () => asked.destroy(new Error('the proxy gives no sign of life')));
    asked.once('error', (cause: NodeJS.ErrnoException) =>
      finish(new ProxyUnreachable(this.proxy, cause.code ?? cause.message, { cause })),
    );
    asked.end();
    return undefined;
  }
}

/** Names the proxy without its credentials. */
export class ProxyUnreachable extends Error {
  constructor(proxy: URL, reason: string, options?: ErrorOptions) {
    super(`proxy ${proxy.host} does not answer: ${reason}`, options);
  }
}

export class ProxyRefused extends Error {
  constructor(
    proxy: URL,
    readonly status: number,
  ) {
    super(`proxy ${proxy.host} refuses the connection with status ${status}`);
  }
}
