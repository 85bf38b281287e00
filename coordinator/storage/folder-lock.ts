import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';

/** Keeps a second coordinator out of a data folder. A lock whose process is gone, for instance after kill −9, is taken over. */
export interface FolderLock {
  release(): Promise<void>;
}

/** Process id and, where /proc tells it, when that process started: an id alone may be in use again by another program. */
async function identify(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22 is the start time; the second field, the name, may hold spaces but ends at the last parenthesis.
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${startTime}`.trim();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isHeld(content: string): Promise<boolean> {
  const pid = Number.parseInt(content, 10);
  return Number.isInteger(pid) && isAlive(pid) && (await identify(pid)) === content.trim();
}

/**
 * @param name of the lock's file: one for each kind of work that must be alone in the folder
 * @throws {FederationError} `DATA_IN_USE`
 */
export async function lockFolder(folder: string, name = 'coordinator.lock'): Promise<FolderLock> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, name);
  const own = join(folder, `${name}.${process.pid}.${Math.random().toString(36).slice(2)}`);
  const content = await identify(process.pid);
  await writeFile(own, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // A hard link appears with its content or not at all.
        await link(own, file);
        return { release: () => rm(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = await readFile(file, 'utf8').catch(() => '');
      if (holder !== '' && (await isHeld(holder))) {
        throw new FederationError(
          'DATA_IN_USE',
          `The data folder ${folder} is used by process ${Number.parseInt(holder, 10)}.`,
        );
      }
      await rename(file, `${own}.stale`).catch(() => undefined);
    }
    throw new FederationError('DATA_IN_USE', `The data folder ${folder} is being taken by another process.`);
  } finally {
    await rm(own, { force: true });
    await rm(`${own}.stale`, { force: true });
  }
}
