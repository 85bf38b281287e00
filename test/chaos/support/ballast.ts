import { appendFileSync, rmSync } from 'node:fs';

/** Takes all that is free on the disk of `file`, and gives it back after `ms` if this process still lives. */
export function fillDisk(file: string, ms: number): void {
  for (let size = 64 * 2 ** 20; size >= 4096; size /= 2) while (hasRoomFor(file, size));
  setTimeout(() => rmSync(file, { force: true }), ms);
}

function hasRoomFor(file: string, size: number): boolean {
  try {
    appendFileSync(file, Buffer.alloc(size));
    return true;
  } catch {
    return false;
  }
}
