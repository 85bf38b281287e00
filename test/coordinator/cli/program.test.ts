import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseSafetensorsHeader } from '@fedoxnet/shared/weights/safetensors-header';
import { initialModel, planFor } from '../study-of-three-tensors.js';

const PROGRAM = fileURLToPath(
  new URL('../../../../coordinator/bin/fedoxnet-coordinator.mjs', import.meta.url),
);

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: string[]): Promise<Outcome> {
  const env = { ...process.env, DATABASE_URL: '', FEDOXNET_DATA: '/nonexistent', FEDOXNET_LOG_LEVEL: 'warn' };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** One line, with the code first. */
function expectRefusal({ status, stderr }: Outcome, code: string, exit: number): void {
  expect(stderr.trim().split('\n')).to.have.length(1);
  expect(stderr).to.match(new RegExp(`^${code}: `));
  expect(status).to.equal(exit);
}

describe('the command line of the coordinator', () => {
  let folder: string;
  let data: string;
  let server: ChildProcess;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-cli-'));
    data = join(folder, 'data');
    server = spawn(process.execPath, [PROGRAM, 'serve', '--json', '--port', '0', '--data', data], {
      env: { ...process.env, DATABASE_URL: '', FEDOXNET_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      server.stdout?.once('data', resolve);
      server.once('exit', () => reject(new Error('serve ended early')));
    });
  });
  after(async () => {
    server.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const json = async (...args: string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await run(...args, '--json', '--data', data);
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
    return JSON.parse(stdout);
  };

  it('invites people with a link to the page, lists and removes them', async () => {
    const invited = (await json('user', 'invite', 'ada', '--role', 'auditor')) as Record<string, string>;
    expect(invited).to.include({ person: 'ada', role: 'auditor' });
    expect(invited.link).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#welcome=[\w-]{43}$/);
    const people = async () =>
      ((await json('user', 'list')) as { people: Record<string, string>[] }).people.map(
        ({ person, role, state }) => ({ person, role, state }),
      );
    expect(await people()).to.deep.equal([{ person: 'ada', role: 'auditor', state: 'invited' }]);
    await json('user', 'remove', 'ada');
    expect(await people()).to.deep.equal([{ person: 'ada', role: 'auditor', state: 'removed' }]);
    expectRefusal(await run('user', 'invite', 'ada', '--role', 'king', '--data', data), 'USAGE', 64);
    expectRefusal(await run('user', 'remove', 'bob', '--data', data), 'NOT_FOUND', 66);
  });

  it('keeps its secrets to the owner', async () => {
    const files = await readdir(data);
    expect(files).to.include.members(['coordinator.key', 'operator.token', 'viewer.token']);
    for (const name of ['coordinator.key', 'operator.token', 'viewer.token']) {
      expect((await stat(join(data, name))).mode & 0o777).to.equal(0o600);
    }
  });

  it('takes a study from its plan to an exported model', async () => {
    const [plan, model, out] = ['plan.json', 'model.safetensors', 'out.safetensors'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(plan, JSON.stringify(planFor('cli', ['site-a'])));
    await writeFile(model, initialModel());
    expect(await json('site', 'invite', 'site-a')).to.include({ site: 'site-a' });
    expect(await json('study', 'create', '--plan', plan, '--model', model)).to.include({ study: 'cli' });
    await json('study', 'start', 'cli');
    expect(await json('study', 'status', 'cli')).to.include({ state: 'running', rounds: 1 });
    await json('study', 'pause', 'cli');
    expect(await json('study', 'export', 'cli', '--release', '0', '--out', out)).to.include({ release: 0 });
    expect(parseSafetensorsHeader(await readFile(out)).tensors.size).to.equal(3);
    expect(await json('site', 'list')).to.deep.equal({ sites: [] });
    expect(await json('audit', 'verify')).to.include({ brokenAt: null });
  });

  it('says in one line what is wrong, with the exit status of its code', async () => {
    const port = createServer();
    await new Promise<void>((resolve) => port.listen(0, '127.0.0.1', resolve));
    const taken = String((port.address() as AddressInfo).port);
    const other = join(folder, 'other');
    try {
      expectRefusal(await run('serve', '--prot', '1'), 'USAGE', 64);
      expectRefusal(await run('serve', '--port', 'x', '--data', other), 'CONFIG_INVALID', 78);
      expectRefusal(await run('serve', '--port', taken, '--data', other), 'PORT_IN_USE', 69);
      expectRefusal(await run('serve', '--port', '0', '--data', data), 'DATA_IN_USE', 69);
      const database = 'postgres://user:secret@127.0.0.1:1/x';
      const unreachable = await run('serve', '--port', '0', '--data', other, '--database-url', database);
      expectRefusal(unreachable, 'DATABASE_UNREACHABLE', 69);
      expect(unreachable.stderr).not.to.contain('secret');
      expectRefusal(await run('site', 'list', '--data', other), 'COORDINATOR_UNREACHABLE', 69);
      expectRefusal(await run('study', 'status', 'none', '--data', data), 'NOT_FOUND', 66);
      expectRefusal(await run('study', 'start', 'cli', '--data', data), 'STUDY_STATE', 75);
      const missing = ['--plan', join(folder, 'none.json'), '--model', 'none'];
      expectRefusal(await run('study', 'create', ...missing, '--data', data), 'DATA_MISSING', 66);
    } finally {
      port.close();
    }
  });

  it('stops in order when it is asked to, and leaves the folder free', async () => {
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    expect(await exited).to.equal(0);
    const files = await readdir(data);
    expect(files).to.not.include('coordinator.lock').and.not.include('coordinator.url');
  });
});
