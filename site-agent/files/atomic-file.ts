import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openOver } from './spare-file.js';

/**
 * Replaces `path` as a whole: a reader, or an agent killed at any instant, finds the old content or the new one.
 * @param mode permissions of the file; 0o600 for anything that holds a secret.
 * @param spare a file to write over, if it is there
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
  spare?: string,
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await (spare === undefined ? open(temporary, 'wx', mode) : openOver(temporary, spare, mode));
    try {
      await file.writeFile(content);
      if (spare !== undefined) await file.truncate(Buffer.byteLength(content));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** A rename is durable only when the folder that holds the name is on disk as well. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
