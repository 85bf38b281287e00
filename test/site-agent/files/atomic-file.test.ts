import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { removeSpares, setAside, sparePath } from '@fedoxnet/site-agent/files/spare-file';
import { expect } from 'chai';

describe('a file written as a whole', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fedoxnet-file-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('is written over a longer one that was set aside, and holds its own bytes alone', async () => {
    const [old, path, spare] = [join(folder, 'old'), join(folder, 'new'), sparePath(folder, 'update')];
    await writeFile(old, 'a longer text than the next', { mode: 0o600 });
    const { ino } = await stat(old);
    await setAside(old, spare);
    await writeFileAtomic(path, 'short', 0o600, spare);
    expect(await readFile(path, 'utf8')).to.equal('short');
    expect((await stat(path)).ino).to.equal(ino);
    expect(await readdir(folder)).to.deep.equal(['new']);
  });

  it('is a new one where none was set aside', async () => {
    const path = join(folder, 'new');
    await setAside(join(folder, 'missing'), sparePath(folder, 'update'));
    await writeFileAtomic(path, 'text', 0o600, sparePath(folder, 'update'));
    expect(await readFile(path, 'utf8')).to.equal('text');
    expect((await stat(path)).mode & 0o777).to.equal(0o600);
  });

  it('leaves no spare one when the study is over', async () => {
    for (const kind of ['release', 'update'] as const) await writeFile(sparePath(folder, kind), 'x');
    await removeSpares(folder);
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
