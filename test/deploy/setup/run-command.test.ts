import { CommandFailed, findProgram, runCommand } from '#setup/run-command';
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'mocha';

const node = process.execPath;
async function failure(work: Promise<unknown>): Promise<CommandFailed> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
  throw new Error('the command did not fail');
}

describe('a set-up command', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-setup-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('returns its standard output', async () => {
    expect(await runCommand(node, ['-p', '6 * 7'])).to.equal('42\n');
  });

  it('fails with its status and its last words', async () => {
    const error = await failure(runCommand(node, ['-e', 'console.error("no disk\\n"); process.exit(3)']));
    expect(error.message).to.equal(`${node} ended with status 3: no disk`);
  });

  it('is ended when it runs past its limit', async () => {
    const error = await failure(
      runCommand(node, ['-e', 'setInterval(() => {}, 1000)'], { limitSeconds: 0.3 }),
    );
    expect(error.message).to.contain('took more than 0.3 s');
  });

  it('says so when the program is not there', async () => {
    expect((await failure(runCommand(join(folder, 'nothing'), []))).message).to.contain(
      'could not be started',
    );
  });

  it('is found on PATH only where it can be executed', async () => {
    await writeFile(join(folder, 'g++'), '', { mode: 0o644 });
    await writeFile(join(folder, 'c++'), '', { mode: 0o755 });
    const path = ['relative-and-absent', folder].join(delimiter);
    expect(findProgram(['g++', 'c++'], path)).to.equal(join(folder, 'c++'));
    expect(findProgram(['g++'], path)).to.equal(null);
  });
});
