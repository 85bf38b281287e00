import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { loadTls } from '@fedoxnet/coordinator/http/tls';
import { makeCertificate, type Certificate } from '../../support/certificate.js';
import { skipBecause } from '../../support/skip-because.js';

const PROGRAM = fileURLToPath(
  new URL('../../../../coordinator/bin/fedoxnet-coordinator.mjs', import.meta.url),
);

describe('serving with TLS', () => {
  let folder: string;
  let first: Certificate;
  let second: Certificate;
  let server: ChildProcess | undefined;
  let url: string;
  let log: NodeJS.ReadableStream;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-tls-'));
    for (const name of ['first', 'second']) {
      const made = await makeCertificate(folder, name);
      if (typeof made === 'string') return skipBecause(this, made);
      if (name === 'first') first = made;
      else second = made;
    }
    const inUse = { cert: join(folder, 'in-use.crt'), key: join(folder, 'in-use.key') };
    await cp(first.cert, inUse.cert);
    await cp(first.key, inUse.key);
    const args = [
      'serve',
      '--json',
      '--port',
      '0',
      '--data',
      join(folder, 'data'),
      '--public-url',
      'https://fed.example/',
    ];
    server = spawn(process.execPath, [PROGRAM, ...args, '--tls-cert', inUse.cert, '--tls-key', inUse.key], {
      env: { ...process.env, DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    log = server.stderr!;
    const [line] = (await once(createInterface(server.stdout!), 'line')) as [string];
    ({ url } = JSON.parse(line) as { url: string });
  });
  after(async () => {
    server?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns the name in the server's certificate, and a header of the reply */
  function greet(ca: string): Promise<{ name: string; hsts: string | undefined; json: unknown }> {
    return new Promise((resolve, reject) => {
      request(`${url}/healthz`, { ca, agent: false }, (response) => {
        const name = (response.socket as TLSSocket).getPeerCertificate().subject.CN as string;
        const hsts = response.headers['strict-transport-security'];
        let text = '';
        response.on('data', (piece: Buffer) => (text += piece.toString()));
        response.on('end', () => resolve({ name, hsts, json: JSON.parse(text) }));
      })
        .on('error', reject)
        .end();
    });
  }

  it('answers who trusts the certificate, and tells browsers to insist on TLS', async () => {
    expect(url).to.match(/^https:/);
    const { name, hsts, json } = await greet(await readFile(first.cert, 'utf8'));
    expect(name).to.equal('first');
    expect(hsts).to.match(/^max-age=\d+/);
    expect(json).to.deep.equal({ ok: true });
  });

  it('lets commands on this machine in, and links to the public address', async () => {
    const command = spawn(
      process.execPath,
      [PROGRAM, 'user', 'invite', 'ada', '--role', 'auditor', '--json', '--data', join(folder, 'data')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(command.stdout), 'line')) as [string];
    expect((JSON.parse(line) as { link: string }).link).to.match(/^https:\/\/fed\.example\/#welcome=/);
  });

  it('takes up a renewed certificate at SIGHUP, and keeps the old one when the new is wrong', async () => {
    const lines = createInterface(log);
    const renew = async (cert: string, key: string, text: string): Promise<void> => {
      await writeFile(join(folder, 'in-use.crt'), cert);
      await writeFile(join(folder, 'in-use.key'), key);
      server!.kill('SIGHUP');
      for (;;) if (((await once(lines, 'line')) as [string])[0].includes(text)) return;
    };
    const newCert = await readFile(second.cert, 'utf8');
    await renew(newCert, await readFile(second.key, 'utf8'), 'certificate read again');
    expect((await greet(newCert)).name).to.equal('second');
    await renew('no certificate', 'no key', 'the certificate stays as it was');
    expect((await greet(newCert)).name).to.equal('second');
  });

  it('refuses files that are missing or no pair, without a word of the key', async () => {
    const fails = async (cert: string, key: string): Promise<string> =>
      loadTls({ cert, key }).then(
        () => 'loaded',
        (error: Error) => error.message,
      );
    expect(await fails(join(folder, 'none'), first.key)).to.match(
      /certificate .*none cannot be read \(ENOENT\)\./,
    );
    expect(await fails(first.cert, second.key)).to.match(/are no PEM pair/);
  });
});
