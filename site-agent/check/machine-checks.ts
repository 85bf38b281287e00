import { readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { failed, passed, skipped, type Check } from './check.js';

const GIGABYTE = 1e9;
/** A release, an update, a checkpoint and the cache of some thousand films. */
const DISK_GB = 5;
/** The demo's trainer takes 0.9 GB; a ResNet-50 at 512 pixels about 4. */
const MEMORY_GB = 2;
const GOOD_MEMORY_GB = 6;

/** @param folders where the agent writes, by what they are for; those that are not there yet count as their parent */
export function diskCheck(folders: Readonly<Record<string, string>>): Check {
  return {
    name: 'disk',
    title: 'disk',
    async run() {
      const found: string[] = [];
      for (const [what, path] of Object.entries(folders)) {
        const { bavail, bsize } = await statfs(path);
        const free = (bavail * bsize) / GIGABYTE;
        found.push(`${free.toFixed(1)} GB free for ${what}`);
        if (free < DISK_GB)
          return failed(
            `${free.toFixed(1)} GB free for ${what} (${path})`,
            `Free ${DISK_GB} GB, or put the folder on another disk.`,
          );
      }
      return found.length === 0 ? skipped('neither --home nor --data was given') : passed(found.join(', '));
    },
  };
}

/** Also what the container or service is limited to. */
export const memoryCheck: Check = {
  name: 'memory',
  title: 'memory',
  async run() {
    const limit = await controlGroupLimit();
    const gigabytes = Math.min(totalmem(), limit) / GIGABYTE;
    const whose = limit < totalmem() ? 'allowed to this process' : 'in this machine';
    const says = `${gigabytes.toFixed(1)} GB ${whose}`;
    if (gigabytes < MEMORY_GB)
      return failed(
        says,
        `Give it ${MEMORY_GB} GB at the least: MemoryMax= of the service, or the limit of the container.`,
      );
    return passed(
      gigabytes < GOOD_MEMORY_GB ? `${says}; enough for small networks and films of 256 pixels` : says,
    );
  },
};

/** Bytes; Infinity without a limit or outside Linux. */
async function controlGroupLimit(): Promise<number> {
  for (const path of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (/^\d+/.test(text)) return Number(text);
  }
  return Infinity;
}
