import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { newSocketFolder, removeSocketFolder } from '@fedoxnet/coordinator/storage/socket-folder';

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('the folder of the embedded database’s socket', () => {
  let data: string;
  beforeEach(async () => (data = await mkdtemp(join(tmpdir(), 'fedoxnet-test-'))));
  afterEach(() => rm(data, { recursive: true, force: true }));

  it('that a killed coordinator left is removed at the next start on the same data', async () => {
    const record = join(data, 'database.socket');
    const first = await newSocketFolder(record);
    await writeFile(join(first, '.s.PGSQL.5432'), '');
    const second = await newSocketFolder(record);
    expect([await exists(first), await exists(second)]).to.deep.equal([false, true]);
    expect(await readFile(record, 'utf8')).to.equal(second);
    await removeSocketFolder(second);
    expect(await exists(second)).to.equal(false);
  });

  it('is all that is removed, whatever the record says', async () => {
    const record = join(data, 'database.socket');
    await writeFile(record, data);
    await removeSocketFolder(await newSocketFolder(record));
    expect(await exists(data)).to.equal(true);
  });
});
