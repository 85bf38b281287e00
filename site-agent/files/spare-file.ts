import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Large files that every round makes anew and soon removes are written over one another. A system must find and clear memory
 * for each page of a new file, and a virtual machine may have to ask its host for it: in one, eight sites' rounds of 37 million
 * numbers took 20.7 s of processor time with new files and 13.2 with old ones.
 */
export type Spare = 'release' | 'update';

/** Where the spare file of a study's work folder lies. */
export function sparePath(folder: string, spare: Spare): string {
  return join(folder, `${spare}.spare`);
}

/** Removes `path`, which nobody reads any more, but leaves its file to be written over. */
export async function setAside(path: string, spare: string): Promise<void> {
  await rename(path, spare).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}

/**
 * Opens a new file of that name to read and write. It may be the spare one: then it holds other bytes until they are written
 * over, and must be cut to its length at the end.
 */
export async function openOver(path: string, spare: string, mode = 0o600): Promise<FileHandle> {
  try {
    await rename(spare, path);
  } catch {
    return open(path, 'wx+', mode);
  }
  return open(path, 'r+');
}

/** At the end of a study. */
export async function removeSpares(folder: string): Promise<void> {
  for (const spare of ['release', 'update'] as const) await rm(sparePath(folder, spare), { force: true });
}
