import { rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FederationError } from '@fedoxnet/shared/errors';

const TRIES = 3;
const PAUSE_MS = 60;

/** Claims of this process: one under its own name that is not among them was left by a process before it. */
const held = new Set<string>();

/**
 * Holds a lock for this process. Its claim is a file beside `path` whose name says which process it is, so the claim of a
 * process that is gone, after kill −9 or a restart of the machine, can be removed by anybody without taking another's place.
 * Each looks for others after it has claimed: of two that come together, at least one sees the other and gives way.
 * Machines or containers that share a folder do not see each other's processes, and are not kept apart.
 * @param path in a folder with few files; made when absent
 * @param refusal what to throw when the process of this id holds it
 * @returns releases the lock
 */
export async function takeLock(
  path: string,
  refusal: (holder: number) => FederationError,
): Promise<() => void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const own = await claimOf(path, process.pid);
  if (held.has(own)) throw refusal(process.pid);
  held.add(own);
  const release = (): void => {
    rmSync(own, { force: true });
    held.delete(own);
  };
  try {
    for (let tries = 1; ; tries++) {
      await writeFile(own, '', { mode: 0o600 });
      const holder = await otherHolder(path, own);
      if (holder === null) return release;
      await rm(own, { force: true });
      if (tries === TRIES) throw refusal(holder);
      // It may have come at the same moment and give way as well.
      await pause(PAUSE_MS * Math.random());
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** The file with which a process claims the lock: `PATH.PID`, and where /proc tells them, `-START-BOOT`. */
export async function claimOf(path: string, pid: number): Promise<string> {
  const seen = await look(pid);
  const since = seen === null ? '' : `-${seen.start}-${await bootId()}`;
  return `${path}.${pid}${since}`;
}

/** A live process with a claim of its own. What others left is removed. */
async function otherHolder(path: string, own: string): Promise<number | null> {
  for (const name of await readdir(dirname(path))) {
    const claim = join(dirname(path), name);
    if (claim === own || !name.startsWith(`${basename(path)}.`)) continue;
    const parts = /^(\d+)(?:-(\d+)-([0-9a-f]+))?$/.exec(name.slice(basename(path).length + 1));
    if (parts === null) continue;
    const [, pid = '', start, boot] = parts;
    if (await isAlive(Number(pid), start, boot)) return Number(pid);
    await rm(claim, { force: true });
  }
  return null;
}

/** A process id is in use again after a while, and soon after a restart of the machine; with its start it is not. */
async function isAlive(pid: number, start: string | undefined, boot: string | undefined): Promise<boolean> {
  if (pid === 0 || (boot !== undefined && boot !== (await bootId()))) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const seen = await look(pid);
  // It lives, but /proc is not there or does not show processes of others.
  if (seen === null) return true;
  return !seen.ended && (start === undefined || start === seen.start);
}

/** When the process started, ticks since the machine did; and whether it has ended and only waits to be buried. Null without /proc. */
async function look(pid: number): Promise<{ readonly start: string; readonly ended: boolean } | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field, the name, may hold spaces but ends at the last parenthesis; then come state (3) … start time (22).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = '', start] = [fields[0], fields[19]];
  return start === undefined ? null : { start, ended: 'ZX'.includes(state) };
}

/** Of this run of the machine, eight hexadecimal digits; zeros where the system tells none. */
async function bootId(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return /^[0-9a-f]{8}/.exec(id)?.[0] ?? '00000000';
}
