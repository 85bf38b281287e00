import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FederationError } from '@fedoxnet/shared/errors';

/**
 * Holds a file with our process id. A lock whose process is gone is taken over, so kill −9 needs no cleaning up.
 * @param refusal what to throw when another process holds it; its id, or null when it took the lock this very moment
 * @returns releases the lock
 */
export async function takeLock(
  path: string,
  refusal: (holder: number | null) => FederationError,
): Promise<() => void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  for (let tries = 0; tries < 2; tries++) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (isOtherLiveProcess(holder)) throw refusal(holder);
    await rm(path, { force: true });
  }
  throw refusal(null);
}

/** In a container the same program always has the same process id: finding its own means the one before it died. */
function isOtherLiveProcess(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
