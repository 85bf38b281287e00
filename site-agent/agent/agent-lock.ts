import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';

/**
 * Holds the home folder for one agent process. A lock whose process is gone is taken over, so kill −9 needs no cleaning up.
 * @returns releases the lock
 * @throws {FederationError} `SITE_ALREADY_CONNECTED` when an agent with this home runs already
 */
export async function lockHome(home: string): Promise<() => void> {
  const path = join(home, 'agent.lock');
  await mkdir(home, { recursive: true, mode: 0o700 });
  for (let tries = 0; tries < 2; tries++) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
    if (isOtherLiveProcess(holder)) {
      throw new FederationError(
        'SITE_ALREADY_CONNECTED',
        `An agent (process ${holder}) already runs with --home ${home}.`,
      );
    }
    await rm(path, { force: true });
  }
  throw new FederationError('SITE_ALREADY_CONNECTED', `Another agent has just taken --home ${home}.`);
}

/** In a container the agent always has the same process id: finding its own means the one before it died. */
function isOtherLiveProcess(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
