import { spawn } from 'node:child_process';
import { appendFile, chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { ERRORS } from '@fedoxnet/shared/errors';
import { enrolSite } from '@fedoxnet/site-agent/agent/enrolment';
import { proxyFor } from '@fedoxnet/site-agent/agent/outbound-agent';
import type { CheckLine } from '@fedoxnet/site-agent/check/check';
import { makeCertificate } from '../../support/certificate.js';
import { skipBecause } from '../../support/skip-because.js';
import { phantomDicom } from '../data/dicom/phantom-dicom.js';
import { startProtocolServer } from '../agent/support/protocol-server.js';
import { scratchFolder } from '../agent/support/scratch.js';
import { writeOneFilmCatalogue } from '../data/support/one-film-catalogue.js';

const PROGRAM = fileURLToPath(new URL('../../../../site-agent/bin/fedoxnet-site.mjs', import.meta.url));
const GREETING = { protocol: PROTOCOL, coordinator: publicKeysOf(generateKeys()) };

interface Found {
  readonly status: number | null;
  readonly ok: boolean;
  readonly err: string;
  readonly line: (name: string) => CheckLine | undefined;
}

/** The real command in a process of its own: certificates and proxies are read from its environment. */
async function check(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Found> {
  const child = spawn(process.execPath, [PROGRAM, 'check', '--json', ...args], {
    env: { ...process.env, ...environment },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: CheckLine[] };
  return { status, ok, err, line: (name) => checks.find((entry) => entry.name === name) };
}

const servers: Server[] = [];
/** Of the proxy: a server does not close what became a tunnel. */
const tunnels = new Set<Duplex>();
async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering = (body: unknown, headers: Record<string, string> = {}): Server =>
  createServer((_, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });

/** Tunnels for whoever gives a name and password. @param asked gets each target with its authorisation */
function proxyWithPassword(asked: string[]): Server {
  return createServer().on('connect', (request, socket, head) => {
    tunnels.add(socket);
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (request.headers['proxy-authorization'] === undefined) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', () => socket.destroy());
      return;
    }
    const [host, port] = request.url!.split(':');
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.write(head);
      far.pipe(socket).pipe(far);
    });
    tunnels.add(far);
    far.on('error', () => socket.destroy());
    socket.on('error', () => far.destroy());
  });
}

describe('fedoxnet-site check', () => {
  const folder = scratchFolder();
  afterEach(async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    tunnels.clear();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const ask = (address: string, environment: NodeJS.ProcessEnv = {}) =>
    check(['--coordinator', address, '--only', 'coordinator,clock'], environment);

  it('passes a coordinator that answers with the right time, exit 0', async () => {
    const { status, ok, line } = await ask(`http://${await listen(answering(GREETING))}`);
    expect([status, ok, line('coordinator')?.state, line('clock')?.state]).to.deep.equal([
      0,
      true,
      'passed',
      'passed',
    ]);
  });

  it('names a port on which nothing listens, says how to mend it, and exits with the code of the table', async () => {
    const address = await listen(answering(GREETING));
    const [server] = servers.splice(0);
    await new Promise((resolve) => server!.close(resolve));
    const { status, ok, err, line } = await ask(`http://${address}`);
    expect([status, ok]).to.deep.equal([ERRORS.CHECK_FAILED.exit, false]);
    expect(err).to.contain('CHECK_FAILED: 1 of 2 checks failed: coordinator.');
    expect(line('coordinator')).to.deep.include({
      state: 'failed',
      fix: 'Nothing listens there: check the port, and that the coordinator runs.',
    });
    expect(line('clock')?.state).to.equal('skipped');
  });

  it('knows a login page, another protocol and a clock that is five minutes off', async () => {
    const page = await ask(`http://${await listen(answering('<html>sign in</html>'))}`);
    expect(page.line('coordinator')?.says).to.contain('not as a coordinator');
    const old = await ask(`http://${await listen(answering({ ...GREETING, protocol: 99 }))}`);
    expect(old.line('coordinator')?.says).to.contain('speaks protocol 99');
    const date = new Date(Date.now() - 300_000).toUTCString();
    const { line } = await ask(`http://${await listen(answering(GREETING, { date }))}`);
    expect(line('clock')?.state).to.equal('failed');
    expect(line('clock')?.says).to.match(/ahead of the coordinator's$/);
  });

  it('refuses a certificate of an unknown CA, takes it with NODE_EXTRA_CA_CERTS, and goes through a proxy', async function () {
    const made = await makeCertificate(folder(), 'hospital');
    if (typeof made === 'string') return skipBecause(this, made);
    const tls = createTlsServer(
      { cert: await readFile(made.cert), key: await readFile(made.key) },
      (_, response) => response.end(JSON.stringify(GREETING)),
    );
    const address = `https://${await listen(tls as unknown as Server)}`;
    const direct = { HTTPS_PROXY: '', https_proxy: '', ALL_PROXY: '', all_proxy: '' };
    const stranger = await ask(address, direct);
    const refused = stranger.line('coordinator');
    expect([stranger.status, refused?.state]).to.deep.equal([78, 'failed']);
    expect(refused?.state === 'failed' && refused.fix).to.contain('NODE_EXTRA_CA_CERTS=');
    const trusted = { ...direct, NODE_EXTRA_CA_CERTS: made.cert };
    expect((await ask(address, trusted)).line('coordinator')?.says).to.contain('answers directly');

    const asked: string[] = [];
    const proxy = proxyWithPassword(asked);
    const at = await listen(proxy);
    const without = (
      await ask(address, { ...trusted, HTTPS_PROXY: `http://${at}`, NO_PROXY: '', no_proxy: '' })
    ).line('coordinator');
    expect(without?.state === 'failed' && without.fix).to.contain('name and password');
    const through = await ask(address, {
      ...trusted,
      HTTPS_PROXY: `http://a:b@${at}`,
      NO_PROXY: '',
      no_proxy: '',
    });
    expect(through.line('coordinator')?.says).to.contain(`through proxy ${at}`).and.not.contain('a:b');
    expect(asked.at(-1)).to.equal(`${address.slice(8)} Basic ${Buffer.from('a:b').toString('base64')}`);
  });

  it('goes to the PACS by the same way: with an own CA, through a proxy, its secret seen by neither', async function () {
    const made = await makeCertificate(folder(), 'pacs');
    if (typeof made === 'string') return skipBecause(this, made);
    const secrets: string[] = [];
    const keys = { cert: await readFile(made.cert), key: await readFile(made.key) };
    const tls = createTlsServer(keys, ({ headers }, response) => {
      secrets.push(headers.authorization ?? '');
      response.writeHead(200, { 'content-type': 'application/dicom+json' }).end('[]');
    });
    const url = `https://${await listen(tls)}/dicom-web`;
    await writeFile(join(folder(), 'pacs.json'), JSON.stringify({ dicomweb: { url } }));
    const asked: string[] = [];
    const at = await listen(proxyWithPassword(asked));
    const line = async (environment: NodeJS.ProcessEnv) => {
      const open = { NO_PROXY: '', no_proxy: '', FEDOXNET_PACS_SECRET: 't0ken', ...environment };
      const found = await check(['--home', folder(), '--only', 'pacs-dicomweb'], open);
      return found.line('pacs-dicomweb');
    };
    const stranger = await line({ HTTPS_PROXY: `http://a:b@${at}` });
    expect(stranger?.state === 'failed' && stranger.fix).to.contain('NODE_EXTRA_CA_CERTS=');
    const trusted = { NODE_EXTRA_CA_CERTS: made.cert };
    const nameless = await line({ ...trusted, HTTPS_PROXY: `http://${at}` });
    expect(nameless?.state === 'failed' && nameless.fix).to.contain('name and password');
    expect(secrets).to.deep.equal([]);
    expect(await line({ ...trusted, HTTPS_PROXY: `http://a:b@${at}` })).to.include({ state: 'passed' });
    expect(secrets).to.deep.equal(['Bearer t0ken']);
    expect(asked.join(' ')).to.contain(new URL(url).host).and.not.contain('t0ken');
  });

  it('finds keys that others may read, a changed coordinator, and a policy that is none', async () => {
    const server = await startProtocolServer();
    const home = join(folder(), 'home');
    try {
      await enrolSite({
        coordinator: server.address,
        invitation: 'fedoxnet-invitation-0001',
        site: 'north',
        home,
      });
      const only = ['--home', home, '--only', 'coordinator,keys,policy'];
      expect((await check(only)).line('keys')).to.include({ state: 'passed' });
      await chmod(join(home, 'keys.json'), 0o644);
      await writeFile(join(home, 'policy.json'), '{ "studie": [] }');
      server.routes.set('GET /v1/hello', () => GREETING);
      const { status, line } = await check(only);
      expect(status).to.equal(78);
      expect(line('keys')).to.deep.include({ state: 'failed', fix: `chmod 600 ${join(home, 'keys.json')}` });
      expect(line('keys')?.says).to.contain('mode 0644');
      expect(line('policy')).to.include({ state: 'failed' });
      expect(line('coordinator')?.says).to.contain('is not the one this site enrolled with');
    } finally {
      await server.close();
    }
  });

  it('finds a data folder without a catalogue, with films that are gone, and a label map that is none', async () => {
    const data = join(folder(), 'data');
    await mkdir(data);
    const only = ['--data', data, '--only', 'data'];
    expect((await check(only)).line('data')?.says).to.contain('does not exist');
    await writeOneFilmCatalogue(data);
    expect((await check(only)).line('data')?.says).to.contain('1 of 1 films tried cannot be read');
    await cp(join(data, 'catalogue.json'), join(data, 'a.png'));
    expect((await check(only)).line('data')).to.include({ state: 'passed' });
    await writeFile(join(data, 'label-map.json'), '{}');
    expect((await check(only)).line('data')).to.include({ state: 'failed' });
    await rm(data, { recursive: true });
  });

  it('searches for values of film headers in all that it is shown, and names place and tag, not the value', async () => {
    const [source, data, log] = [
      join(folder(), 'films'),
      join(folder(), 'data'),
      join(folder(), 'agent.log'),
    ];
    await mkdir(source);
    await mkdir(data);
    await writeFile(join(source, 'a.dcm'), phantomDicom({ number: 1, patient: 'MRN-4711' }));
    await writeFile(join(data, 'catalogue.json'), '{}');
    await writeFile(log, 'decoded a film\n');
    const args = ['--privacy', source, '--data', data, '--also', log, '--only', 'privacy'];
    const clean = await check(args);
    expect([clean.status, clean.line('privacy')?.state]).to.deep.equal([0, 'passed']);
    expect(clean.line('privacy')?.says).to.match(/values of 1 films are in none of 2 files/);
    await appendFile(log, 'decoded a film of MRN-4711\n');
    const { status, line, err } = await check(args);
    expect([status, line('privacy')?.state]).to.deep.equal([78, 'failed']);
    expect(line('privacy')?.says).to.contain('(0010,0020)').and.contain('agent.log');
    expect(JSON.stringify(line('privacy')) + err).to.not.contain('4711');
  });

  it('names the libraries that a GPU lacks', async () => {
    const bin = join(folder(), 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'nvidia-smi'), '#!/bin/sh\necho "Test card, 550.54, 16384 MiB"\n', {
      mode: 0o755,
    });
    const PATH = `${bin}${delimiter}${process.env['PATH'] ?? ''}`;
    const { line } = await check(['--only', 'gpu'], { PATH, LD_LIBRARY_PATH: '' });
    expect(line('gpu')?.says).to.contain('Test card, 550.54');
    if (line('gpu')?.state === 'failed') expect(line('gpu')?.says).to.match(/missing .*lib\w+\.so\.\d+/);
    await writeFile(join(bin, 'nvidia-smi'), '#!/bin/sh\necho "NVIDIA-SMI has failed" >&2; exit 9\n', {
      mode: 0o755,
    });
    expect((await check(['--only', 'gpu'], { PATH })).line('gpu')).to.include({ state: 'failed' });
  });
});

describe('proxyFor', () => {
  const of = (address: string, environment: NodeJS.ProcessEnv) =>
    proxyFor(address, environment)?.host ?? null;

  it('follows HTTPS_PROXY, spares what NO_PROXY lists, and leaves plain http alone', () => {
    const HTTPS_PROXY = 'proxy.example:3128';
    expect(of('https://a.example', { HTTPS_PROXY })).to.equal('proxy.example:3128');
    expect(of('https://a.example', { https_proxy: `http://${HTTPS_PROXY}` })).to.equal('proxy.example:3128');
    expect(of('http://a.example', { HTTPS_PROXY })).to.equal(null);
    expect(of('https://a.example', {})).to.equal(null);
    for (const NO_PROXY of ['a.example', '.example', 'example', '*', 'x, a.example:443', '*.example'])
      expect(of('https://a.example', { HTTPS_PROXY, NO_PROXY }), NO_PROXY).to.equal(null);
    for (const NO_PROXY of ['b.example', 'ample', 'a.example:8443', ''])
      expect(of('https://a.example', { HTTPS_PROXY, NO_PROXY }), NO_PROXY).to.equal('proxy.example:3128');
  });
});
