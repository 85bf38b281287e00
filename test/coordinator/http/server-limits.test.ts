import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { boundConnections, SERVER_LIMITS } from '@fedoxnet/coordinator/http/server-limits';
import { RunningCoordinator } from '../running-coordinator.js';

/** Everything the server says on one connection until it ends it. */
function conversation(url: string, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let said = '';
    const socket: Socket = connect(Number(port), hostname, () => {
      for (const part of parts) socket.write(part);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (said += text));
    // A server that ends a connection in mid-request resets it.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}

const post = (path: string, headers: readonly string[]): string =>
  [`POST ${path} HTTP/1.1`, 'host: c', 'content-type: application/json', ...headers, '', ''].join('\r\n');

describe('connections that hold on or pile up', () => {
  let running: RunningCoordinator;
  before(async () => {
    // As in earnest, but in milliseconds: how soon a connection is ended is not looked at, only that it is.
    const limits = { ...SERVER_LIMITS, headersMs: 100, graceMs: 100, everyMs: 50 };
    running = await RunningCoordinator.start(undefined, undefined, limits);
  });
  after(() => running.remove());

  it('end when headers do not come to their end', async () => {
    expect(await conversation(running.url, 'GET /v1/hello HTTP/1.1\r\nhost: c\r\nx-a: b')).to.match(
      /^HTTP\/1\.1 408 /,
    );
  });

  it('end when a body does not come', async () => {
    const said = await conversation(
      running.url,
      post('/v1/sites/challenge', ['content-length: 40']),
      '{"pro',
    );
    expect(said)
      .to.match(/^HTTP\/1\.1 408 /)
      .and.contain('"code":"TOO_SLOW"');
    const chunked = post('/v1/sites/challenge', ['transfer-encoding: chunked']);
    expect(await conversation(running.url, chunked, '5\r\n{"pro\r\n')).to.contain('"code":"TOO_SLOW"');
  });

  it('end when the headers are too large, in one or in many', async () => {
    const large = `x-a: ${'a'.repeat(SERVER_LIMITS.headerBytes)}`;
    const many = Array.from({ length: 2000 }, (_, index) => `x-${index}: aaaaaa`);
    for (const headers of [[large], many]) {
      expect(await conversation(running.url, post('/v1/sites/challenge', headers))).to.match(
        /^HTTP\/1\.1 431 /,
      );
    }
  });

  it('hear at once that a body is too large, before they send it', async () => {
    const headers = (bytes: number) => ['connection: close', `content-length: ${bytes}`];
    const ask = (bytes: number, ...more: string[]) =>
      conversation(running.url, post('/v1/sites/challenge', [...headers(bytes), ...more]));
    expect(await ask(16 * 1024 + 1))
      .to.match(/^HTTP\/1\.1 413 /)
      .and.contain('"code":"TOO_LARGE"');
    expect(await ask(2 ** 22 + 1, 'authorization: Bearer x')).to.contain('"code":"TOO_LARGE"');
  });

  it('are asked who they are before a large body is read', async () => {
    const ask = (...headers: string[]) =>
      conversation(
        running.url,
        post('/v1/studies/s/rounds/1/evaluation', [
          'connection: close',
          'content-length: 100000',
          ...headers,
        ]),
      );
    // Nothing of the body was sent, so whatever waits for it hears TOO_SLOW.
    for (const credentials of ['authorization: Bearer x', 'cookie: fedoxnet_session=x', 'authorization: x']) {
      expect(await ask(credentials), credentials)
        .to.match(/^HTTP\/1\.1 401 /)
        .and.contain('"code":"SESSION_INVALID"');
    }
    expect(await ask()).to.contain('"code":"TOO_LARGE"');
  });

  it('must say how large a large body is', async () => {
    const token = `authorization: Bearer ${running.coordinator.tokens.operator}`;
    const headers = ['connection: close', 'transfer-encoding: chunked', token];
    const piece = `4001\r\n${' '.repeat(0x4001)}\r\n0\r\n\r\n`;
    expect(await conversation(running.url, post('/v1/admin/studies', headers), piece)).to.contain(
      '"code":"TOO_LARGE"',
    );
  });

  it('may not send a small body that unpacks to a large one', async () => {
    const bomb = gzipSync(Buffer.from(`{"a":"${'a'.repeat(2 ** 24)}"}`));
    const head = post('/v1/sites/challenge', [
      'connection: close',
      'content-encoding: gzip',
      `content-length: ${bomb.length}`,
    ]);
    const said = await conversation(running.url, head, bomb);
    expect(said)
      .to.match(/^HTTP\/1\.1 4\d\d /)
      .and.contain('"code":"');
    expect(said).to.not.contain('INTERNAL');
  });

  it('leave the coordinator well', async () => {
    expect((await fetch(`${running.url}/healthz`)).status).to.equal(200);
  });
});

describe('many connections at once', () => {
  let running: RunningCoordinator;
  before(async () => {
    const limits = { ...SERVER_LIMITS, connections: 12, jsonBytes: 400_000, jsonBytesOfOne: 250_000 };
    running = await RunningCoordinator.start(undefined, undefined, limits);
  });
  after(() => running.remove());

  /** A request whose body is still on its way. */
  class Pending {
    #said = '';
    readonly #socket: Socket;
    readonly ended: Promise<string>;

    constructor(token: string, bytes: number) {
      const { hostname, port } = new URL(running.url);
      const headers = ['connection: close', `content-length: ${bytes}`, `authorization: Bearer ${token}`];
      this.#socket = connect(Number(port), hostname);
      this.#socket.write(post('/v1/studies/none/rounds/1/evaluation', headers));
      this.#socket.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
      this.ended = new Promise((resolve) => this.#socket.on('close', () => resolve(this.code)));
    }

    get code(): string {
      return /"code":"(\w+)"/.exec(this.#said)?.[1] ?? '';
    }

    hangUp(): void {
      this.#socket.destroy();
    }

    send(bytes: number): Promise<string> {
      this.#socket.write(`{}${' '.repeat(bytes - 2)}`);
      return this.ended;
    }
  }

  it('share a budget for large bodies, and leave some of it to others', async () => {
    const site = await running.site('site-a');
    const other = await running.site('site-b');
    const [first, second] = [await site.signIn(), await other.signIn()];
    const bodies = [1, 2, 3].map(() => new Pending(first, 100_000));
    // Two fit into its share; which of the three does not is chance.
    expect(await Promise.race(bodies.map(({ ended }) => ended))).to.equal('RATE_LIMITED');
    const waiting = bodies.filter(({ code }) => code === '');
    expect(waiting).to.have.length(2);
    const more = [1, 2, 3].map(() => new Pending(second, 100_000));
    expect(await Promise.race(more.map(({ ended }) => ended)), 'its share, too').to.equal('RATE_LIMITED');
    const all = [...waiting, ...more.filter(({ code }) => code === '')];
    expect(all).to.have.length(4);
    expect(await new Pending(running.coordinator.tokens.operator, 20_000).ended, 'no room').to.equal(
      'RATE_LIMITED',
    );
    for (const body of all) expect(await body.send(100_000)).to.equal('NOT_FOUND');
    expect(await new Pending(first, 200_000).send(200_000), 'room again').to.equal('NOT_FOUND');
    expect((await site.call('GET', 'sites/studies')).status).to.equal(200);
  });

  it('take nothing of the budget with them when they end before it was granted', async () => {
    const token = await (await running.site('site-c')).signIn();
    const { database, server } = running.coordinator;
    let letGo: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (letGo = resolve));
    // The embedded database has one connection, so the token cannot be looked up meanwhile.
    let work = Promise.resolve();
    await new Promise<void>((begun) => {
      work = database.transaction(() => {
        begun();
        return released;
      });
    });
    const asked = once(server, 'request') as Promise<[unknown, ServerResponse]>;
    const body = new Pending(token, 200_000);
    const [, response] = await asked;
    const closed = once(response, 'close');
    body.hangUp();
    await closed;
    letGo();
    await work;
    expect(await new Pending(token, 200_000).send(200_000)).to.equal('NOT_FOUND');
  });

  it('are no more than the limit, and the operator is told once', async () => {
    const told: unknown[] = [];
    const server = createServer();
    boundConnections(server, { connections: 2 }, { warn: (what: unknown) => told.push(what) } as never);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const sockets = Array.from({ length: 5 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    try {
      await new Promise<void>((resolve) => {
        let turnedAway = 0;
        for (const socket of sockets) socket.on('close', () => (turnedAway += 1) === 3 && resolve());
      });
      expect(told).to.deep.equal([{ connections: 2 }]);
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
    expect(running.coordinator.server.maxConnections).to.equal(12);
  });
});
