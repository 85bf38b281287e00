import { readFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PAGE_SECURITY_POLICY } from '@fedoxnet/shared/access/page-policy';
import { dashboardAssets } from '@fedoxnet/coordinator/dashboard/routes';
import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { Server } from 'socket.io';

/**
 * Serves the dashboard's real files and speaks its two interfaces, with statuses that a test writes. Tests of the page
 * need states that no plan can produce, such as a hostile site name; the coordinator's own tests cover its server.
 */
export class DashboardServer {
  readonly token = 'viewer-token-of-the-test';
  readonly #statuses = new Map<string, StudyStatus>();
  readonly #censuses = new Map<string, ConsortiumCensus>();
  readonly #assets = dashboardAssets();
  readonly #http: HttpServer;
  readonly #io: Server;

  /** `closed` refuses web sockets, as some proxies do. */
  constructor(sockets: 'open' | 'closed' = 'open') {
    this.#http = createServer((request, response) => {
      void this.#answer(request.url ?? '/', request.headers.authorization, response);
    });
    this.#io = new Server(this.#http, {
      serveClient: false,
      transports: sockets === 'open' ? ['websocket'] : ['polling'],
    });
    const dashboard = this.#io.of('/dashboard');
    dashboard.use((socket, next) => {
      if (socket.handshake.auth['token'] === this.token) return next();
      next(Object.assign(new Error('SESSION_INVALID'), { data: refusal }));
    });
    dashboard.on('connection', (socket) => {
      for (const status of this.#statuses.values()) socket.emit('status', status);
      for (const census of this.#censuses.values()) socket.emit('census', census);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/`;
  }

  publish(status: StudyStatus): void {
    this.#statuses.set(status.study, status);
    this.#io.of('/dashboard').emit('status', status);
  }

  publishCensus(census: ConsortiumCensus): void {
    this.#censuses.set(census.study, census);
    this.#io.of('/dashboard').emit('census', census);
  }

  progress(message: object): void {
    this.#io.of('/dashboard').emit('progress', message);
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  async #answer(url: string, authorization: string | undefined, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(url, 'http://host');
    const asset = this.#assets.get(pathname);
    if (asset !== undefined) {
      response.setHeader('content-security-policy', PAGE_SECURITY_POLICY);
      response.setHeader('content-type', asset.type);
      response.end(await readFile(asset.file));
      return;
    }
    if (pathname === '/v1/me') return json(response, 200, { actor: null });
    if (authorization !== `Bearer ${this.token}`) return json(response, 401, refusal);
    if (pathname === '/v1/studies') {
      return json(response, 200, { studies: [...this.#statuses.keys()].map((study) => ({ study })) });
    }
    const [, name = '', what] = /^\/v1\/studies\/([^/]+)\/(status|census)$/.exec(pathname) ?? [];
    const status = this.#statuses.get(decodeURIComponent(name));
    if (status === undefined) return json(response, 404, refusal);
    json(
      response,
      200,
      what === 'status' ? status : (this.#censuses.get(status.study) ?? emptyCensus(status)),
    );
  }
}

/** Before any site told anything. */
function emptyCensus({ study, classes, sites }: StudyStatus): ConsortiumCensus {
  return {
    study,
    classes,
    sites: sites.map(({ site }) => ({ site, census: null, receivedAt: null })),
    warnings: [],
  };
}

const refusal = {
  error: {
    code: 'SESSION_INVALID',
    message: 'The viewer token is not valid.',
    help: 'Sign in again: the session ended.',
  },
};

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
