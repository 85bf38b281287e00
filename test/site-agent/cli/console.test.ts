import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { writeOneFilmCatalogue } from '../data/support/one-film-catalogue.js';

const PROGRAM = fileURLToPath(import.meta.resolve('@fedoxnet/site-agent/main'));

describe('the console on the command line', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-console-cli-'));
    await writeOneFilmCatalogue(folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const home = () => join(folder, 'home');
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [PROGRAM, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });

  /** What a command that ends by itself says on stderr, and its status. */
  async function ended(child: ChildProcess, input = ''): Promise<{ status: number; err: string }> {
    let err = '';
    child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    child.stdin?.end(input);
    const [status] = (await once(child, 'close')) as [number];
    return { status, err };
  }

  it('opens without a password by a link alone, and sets a password that is long enough', async () => {
    const child = start('console', '--home', home(), '--data', folder, '--port', '0', '--json');
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    const { url, entryLink } = JSON.parse(line) as { url: string; entryLink: string };
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(entryLink).to.match(/#entry=[\w-]{43}$/);
    expect((await fetch(url)).status).to.equal(200);
    child.kill('SIGTERM');
    const [status] = (await once(child, 'close')) as [number];
    expect(status).to.equal(0);

    const short = await ended(start('console-password', '--home', home()), 'too short\n');
    expect(short.status).to.equal(64);
    expect(short.err).to.contain('at least 12 characters');
    const set = await ended(start('console-password', '--home', home()), 'films stay where they are\n');
    expect(set.status, set.err).to.equal(0);
    expect((await stat(join(home(), 'console-password.json'))).mode & 0o777).to.equal(0o600);
  });

  it('is not served beside a service without a password: its output is kept in logs', async () => {
    const other = join(folder, 'other');
    const { status, err } = await ended(start('run', '--home', other, '--data', folder, '--console', '0'));
    expect(status).to.equal(78);
    expect(err).to.contain('run fedoxnet-site console-password');
  });

  it('says which port is taken', async () => {
    const first = start('console', '--home', home(), '--data', folder, '--port', '0', '--json');
    const [line] = (await once(createInterface({ input: first.stdout! }), 'line')) as [string];
    const { port } = new URL((JSON.parse(line) as { url: string }).url);
    const { status, err } = await ended(start('console', '--home', home(), '--data', folder, '--port', port));
    first.kill('SIGTERM');
    await once(first, 'close');
    expect(status).to.equal(69);
    expect(err).to.contain(`cannot have port ${port} (EADDRINUSE)`);
  });
});
