import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Gives `work` the folder the user keeps decoded films in, else one that is gone afterwards. */
export async function withCacheFolder<T>(
  chosen: string | undefined,
  work: (cacheFolder: string) => Promise<T>,
): Promise<T> {
  if (chosen !== undefined) return work(resolve(chosen));
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-films-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
