import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { openOver } from '../files/spare-file.js';

const PART = /^(.+)\.part-(\d+)$/;

/**
 * A file that arrives in pieces. Its name says how many are there, its length need not: it may be written over a longer one.
 * What a power failure spoils is found by the digest.
 */
export class PartialFile {
  readonly #path: string;
  readonly file: FileHandle;
  #pieces: number;

  private constructor(path: string, file: FileHandle, pieces: number) {
    this.#path = path;
    this.file = file;
    this.#pieces = pieces;
  }

  /**
   * @param path what it will be called when it is whole; one begun before is gone on with
   * @param spare a file to write over, if it is there
   */
  static async open(path: string, spare: string): Promise<PartialFile> {
    const begun = (await readdir(dirname(path))).flatMap((name) => {
      const [, whole, pieces] = PART.exec(name) ?? [];
      return whole === basename(path) ? [Number(pieces)] : [];
    });
    const [pieces] = begun;
    if (pieces === undefined) return new PartialFile(path, await openOver(partOf(path, 0), spare), 0);
    return new PartialFile(path, await open(partOf(path, pieces), 'r+'), pieces);
  }

  /** How many there are. */
  get pieces(): number {
    return this.#pieces;
  }

  /** The next one has been written. */
  async grow(): Promise<void> {
    await rename(partOf(this.#path, this.#pieces), partOf(this.#path, this.#pieces + 1));
    this.#pieces += 1;
  }

  /** Closes it and gives it its own name. @param bytes of all pieces: what an older file had more is cut off */
  async finish(bytes: number): Promise<void> {
    if ((await this.file.stat()).size !== bytes) await this.file.truncate(bytes);
    await this.file.close();
    await rename(partOf(this.#path, this.#pieces), this.#path);
  }

  /** Once more does no harm. */
  close(): Promise<void> {
    return this.file.close();
  }

  remove(): Promise<void> {
    return rm(partOf(this.#path, this.#pieces));
  }
}

function partOf(path: string, pieces: number): string {
  return `${path}.part-${pieces}`;
}
