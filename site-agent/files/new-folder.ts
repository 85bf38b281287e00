import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';

/**
 * Fills a new folder as a whole: `path` appears complete or not at all.
 * @param fill writes into the folder it is given, beside `path` until it is done
 * @throws {FederationError} `OUTPUT_EXISTS` when something other than an empty folder is there already
 */
export async function fillNewFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  await refuseExisting(path);
  const parent = dirname(path);
  await mkdir(parent, { recursive: true });
  const temporary = join(parent, `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    await mkdir(temporary);
    await fill(temporary);
    await rename(temporary, path); // an empty folder gives way
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function refuseExisting(path: string): Promise<void> {
  let entries: string[];
  try {
    entries = await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw error;
    throw new FederationError('OUTPUT_EXISTS', `${path} is a file, not a folder.`, { cause: error });
  }
  if (entries.length > 0) throw new FederationError('OUTPUT_EXISTS', `${path} is not empty.`);
}
