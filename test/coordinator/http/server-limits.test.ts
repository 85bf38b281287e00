import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { SERVER_LIMITS } from '@fedoxnet/coordinator/http/server-limits';
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
