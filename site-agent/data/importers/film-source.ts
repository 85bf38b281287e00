import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FederationError } from '@fedoxnet/shared/errors';
import { FolderSource } from './folder-source.js';
import { ZipSource } from './zip-source.js';

/** Label tables and films, in a folder or an archive. Nothing in it is ever changed. */
export interface FilmSource {
  readonly path: string;
  /** Every file inside, by its path from the top with `/` between folders, sorted. */
  readonly names: readonly string[];
  open(name: string): Readable;
  /** Up to `bytes` from the beginning of a file. */
  head(name: string, bytes: number): Promise<Buffer>;
  /** Where a film lies on the disk, absolute if `path` is; null inside an archive. */
  pathOf(name: string): string | null;
  /** Puts the film of an archive at `target`; what lies on the disk already stays where it is. */
  copyOut(name: string, target: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws {FederationError} `DATA_MISSING` without such a folder or file; `DATA_INVALID` for a file that is no archive */
export async function openSource(path: string): Promise<FilmSource> {
  const found = await stat(path).catch((cause: Error) => {
    throw new FederationError('DATA_MISSING', `${path} cannot be read (${cause.message}).`, { cause });
  });
  return found.isDirectory() ? FolderSource.open(path) : ZipSource.open(path);
}
