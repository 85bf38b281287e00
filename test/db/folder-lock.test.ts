import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '@fedoxnet/coordinator/storage/database';
import { lockFolder } from '@fedoxnet/coordinator/storage/folder-lock';
import { rejection } from '../support/rejection.js';

describe('the lock of a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps a second coordinator out, and names the first', async () => {
    const lock = await lockFolder(folder);
    const error = await rejection(lockFolder(folder));
    expect(error.code).to.equal('DATA_IN_USE');
    expect(error.line).to.contain(folder).and.contain(String(process.pid)).and.not.contain('\n');
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('takes over from a process that is gone, also when its number is in use again', async () => {
    for (const stale of ['999999999 1', `${process.pid} 1`, '']) {
      await writeFile(join(folder, 'coordinator.lock'), stale);
      const lock = await lockFolder(folder);
      expect(await readFile(join(folder, 'coordinator.lock'), 'utf8')).to.match(
        new RegExp(`^${process.pid} `),
      );
      await lock.release();
    }
  });

  it('gives the lock back when the database does not answer, and keeps the password to itself', async () => {
    const databaseUrl = 'postgres://someone:secret@127.0.0.1:1/oxnet';
    const error = await rejection(openDatabase({ dataDir: folder, databaseUrl, signAudit: (hash) => hash }));
    expect(error.code).to.equal('DATABASE_UNREACHABLE');
    expect(error.line).to.contain('127.0.0.1:1/oxnet').and.contain('ECONNREFUSED');
    expect(error.line).to.not.contain('secret').and.not.contain('\n');
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
