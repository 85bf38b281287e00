import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { isSegment } from './plane-segment.js';

const GIGABYTE = 1e9;
/** 76,000 films of 512 × 512 pixels. */
const DEFAULT_GIGABYTES = 20;
/** A segment nobody has written to for so long was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Bytes that decoded films may take in one cache folder: FEDOXNET_FILM_CACHE_GB, else 20 GB.
 * @throws {FederationError} `CONFIG_INVALID` when the variable is not a number above 0
 */
export function filmCacheLimit(environment: NodeJS.ProcessEnv = process.env): number {
  const text = environment['FEDOXNET_FILM_CACHE_GB'];
  if (text === undefined) return DEFAULT_GIGABYTES * GIGABYTE;
  const gigabytes = text.trim() === '' ? NaN : Number(text);
  if (!(gigabytes > 0 && gigabytes < Infinity))
    throw new FederationError('CONFIG_INVALID', `FEDOXNET_FILM_CACHE_GB is "${text}", not a number above 0.`);
  return gigabytes * GIGABYTE;
}

/**
 * Removes the segments that were used longest ago, of whatever size, until the folder is within its limit, and what killed
 * processes left. A segment's time of change is that of its last use.
 * @param inUse paths that stay even if they alone are above the limit: training cannot do without its films
 */
export async function keepWithinLimit(
  folder: string,
  limit: number,
  inUse: ReadonlySet<string>,
): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const segments: { path: string; bytes: number; usedAt: number }[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null); // another process may remove it meanwhile
    if (found === null) continue;
    if (isSegment(name)) segments.push({ path, bytes: found.size, usedAt: found.mtimeMs });
    else if (isSegment(name.replace(/\.tmp$/, '')) && Date.now() - found.mtimeMs > ABANDONED_MS)
      await rm(path, { force: true });
  }
  let total = segments.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of segments.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limit) return;
    if (inUse.has(path)) continue;
    await rm(path, { force: true });
    total -= bytes;
  }
}
