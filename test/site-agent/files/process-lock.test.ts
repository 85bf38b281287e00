import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { claimOf, takeLock } from '@fedoxnet/site-agent/files/process-lock';
import { skipBecause } from '../../support/skip-because.js';
import { scratchFolder } from '../agent/support/scratch.js';

const MODULE = import.meta.resolve('@fedoxnet/site-agent/files/process-lock');
const refusal = (holder: number): FederationError => new FederationError('DATA_IN_USE', `held by ${holder}`);

describe('process lock', () => {
  const folder = scratchFolder();
  const path = (): string => join(folder(), 'work.lock');
  const take = (): Promise<(() => void) | string> =>
    takeLock(path(), refusal).catch((error: FederationError) => error.message);
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  const idle = (): number => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    children.push(child);
    return child.pid!;
  };
  /** What becomes of a lock that is found with this claim. */
  const found = async (claim: string): Promise<string> => {
    await writeFile(claim, '');
    const taken = await take();
    if (typeof taken === 'string') return taken;
    taken();
    expect(await readdir(folder())).to.deep.equal([]);
    return 'taken over';
  };

  it('is held until it is released, against its own process too', async () => {
    const release = await take();
    expect(await take()).to.equal(`held by ${process.pid}`);
    expect(await readdir(folder())).to.have.length(1);
    (release as () => void)();
    expect(await readdir(folder())).to.deep.equal([]);
    ((await take()) as () => void)();
  });

  it('is taken over from a process that is gone, also when another has its id, or the machine began anew', async function () {
    const pid = idle();
    const claim = await claimOf(path(), pid);
    if (!claim.slice(path().length).includes('-')) return skipBecause(this, 'this system has no /proc');
    expect(await found(claim)).to.equal(`held by ${pid}`);
    const [, start = '', boot = ''] = /-(\d+)-([0-9a-f]+)$/.exec(claim) ?? [];
    const claimed = (began: string, run: string): string => `${path()}.${pid}-${began}-${run}`;
    expect(await found(claimed(start, boot)), 'the same name').to.equal(`held by ${pid}`);
    children[0]!.kill('SIGKILL');
    await once(children[0]!, 'exit');
    expect(await found(claim), 'gone').to.equal('taken over');

    const stranger = idle();
    const ofStranger = await claimOf(path(), stranger);
    const old = ofStranger.replace(/-(\d+)-/, (_, ticks) => `-${Number(ticks) - 1}-`);
    expect(await found(old), 'its id is in use again').to.equal('taken over');
    const before = ofStranger.replace(/[0-9a-f]{8}$/, boot === 'ffffffff' ? 'eeeeeeee' : 'ffffffff');
    expect(await found(before), 'before the machine was started').to.equal('taken over');
  });

  it('knows a process without its start by its id alone', async () => {
    const pid = idle();
    expect(await found(`${path()}.${pid}`)).to.equal(`held by ${pid}`);
  });

  it('leaves files alone that are no claims, and other locks', async () => {
    const others = ['work.lock', 'work.lock.txt', 'other.lock.1-2-3'];
    for (const name of others) await writeFile(join(folder(), name), '');
    ((await take()) as () => void)();
    expect(await readdir(folder())).to.have.members(others);
  });

  it('is held by at most one of many processes that come at once after a crash', async () => {
    await writeFile(`${path()}.999999999-1-00000000`, '');
    const program = `
      const { takeLock } = await import(${JSON.stringify(MODULE)});
      process.stdout.write('ready\\n');
      process.stdin.once('data', async () => {
        for (let times = 0; times < 10; ) {
          let release;
          try { release = await takeLock(${JSON.stringify(path())}, () => new Error('held')); } catch { continue; }
          const at = process.hrtime.bigint();
          await new Promise((resolve) => setTimeout(resolve, 2));
          process.stdout.write(at + ' ' + process.hrtime.bigint() + '\\n');
          release();
          times += 1;
        }
        process.exit();
      });`;
    const contenders = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
      children.push(child);
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
      return { child, ready: once(child.stdout, 'data'), said: () => said };
    });
    await Promise.all(contenders.map(({ ready }) => ready));
    for (const { child } of contenders) child.stdin.write('go\n');
    await Promise.all(contenders.map(({ child }) => once(child, 'close')));
    const times = contenders
      .flatMap(({ said }) => said().split('\n'))
      .filter((line) => line.includes(' '))
      .map((line) => line.split(' ').map(BigInt) as [bigint, bigint])
      .sort(([a], [b]) => (a < b ? -1 : 1));
    expect(times).to.have.length(40);
    for (const [index, [from]] of times.entries()) {
      const [, until] = times[index - 1] ?? [0n, 0n];
      expect(from >= until, 'two held it at the same time').to.equal(true);
    }
    expect(await readdir(folder())).to.deep.equal([]);
  });
});
