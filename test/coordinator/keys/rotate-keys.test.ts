import { copyFile, cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { KEY_FILE, loadNextRing, loadRing, NEXT_KEY_FILE } from '@fedoxnet/coordinator/keys/key-ring';
import { finishRotation, rotateCoordinatorKeys } from '@fedoxnet/coordinator/keys/rotate-keys';
import { loadTokens } from '@fedoxnet/coordinator/secret-files';
import type { Database } from '@fedoxnet/coordinator/storage/database';
import { onFailpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { skipBecause } from '../../support/skip-because.js';
import { PowerFailure } from './power-failure.js';

describe('keys of a coordinator whose power fails', () => {
  let root: string;
  let dataDir: string;
  let failure: PowerFailure | null = null;

  before(function () {
    if (process.platform !== 'linux') skipBecause(this, 'only Linux tells which file was synced');
  });
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'fedoxnet-power-')));
    dataDir = join(root, 'made', 'data');
    failure = await PowerFailure.watch();
  });
  afterEach(async () => {
    onFailpoint(null);
    failure?.end();
    await rm(root, { recursive: true, force: true });
  });
  const left = (name: string) => join(root, name);

  it('are there whole as soon as they are used, and so are the tokens', async () => {
    const ring = await loadRing(dataDir);
    const tokens = await loadTokens(dataDir);
    await failure?.leaves(dataDir, left('after'));
    expect(await loadRing(left('after'))).to.deep.equal(ring);
    expect(await loadTokens(left('after'))).to.deep.equal(tokens);
    // Of the folders that hold them as well.
    for (const folder of [dataDir, dirname(dataDir)])
      expect(failure?.namesIn(dirname(folder))).to.include(basename(folder));
  });

  it('are there before the database needs the next ones, and afterwards are the next ones', async () => {
    const old = await loadRing(dataDir);
    let during: Promise<void> | undefined;
    onFailpoint((name) => {
      if (name === 'coordinator.audit.appended') during = failure?.leaves(dataDir, left('during'));
    });
    const fresh = await rotateCoordinatorKeys({ dataDir });
    await during;
    expect(await loadRing(left('during'))).to.deep.equal(old);
    const next = await loadNextRing(left('during'));
    expect(next && publicKeysOf(next)).to.deep.equal(fresh);

    await failure?.leaves(dataDir, left('after'));
    expect(publicKeysOf(await loadRing(left('after')))).to.deep.equal(fresh);
    expect(await loadNextRing(left('after'))).to.equal(null);
    // The embedded database leaves it to others that its files are on the disk.
    expect(failure?.namesIn(join(dataDir, 'database', 'pg_wal'))).not.to.deep.equal([]);
  });

  it('are there too when the rotation was begun by a process that was stopped before it synced the folder', async () => {
    const present = await loadRing(dataDir);
    await cp(dataDir, left('copy'), { recursive: true });
    await rotateCoordinatorKeys({ dataDir: left('copy') });
    await copyFile(join(left('copy'), KEY_FILE), join(dataDir, NEXT_KEY_FILE));
    let names: readonly string[] = [];
    const database = {
      transaction: async () => void (names = failure?.namesIn(dataDir) ?? []),
      flush: async () => undefined,
    };
    await finishRotation(dataDir, database as unknown as Database, present);
    expect(names).to.include(NEXT_KEY_FILE);
  });
});
