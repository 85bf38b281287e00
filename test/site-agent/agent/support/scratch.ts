import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder for each test of the enclosing `describe`, removed afterwards. */
export function scratchFolder(): () => string {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}
