import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** A file whose bytes nobody needs any more. */
export interface SpareFile {
  readonly path: string;
  readonly bytes: number;
}

/** A file to write from its start. */
export interface FileToWrite {
  readonly path: string;
  readonly file: FileHandle;
  /** It holds other bytes until they are written over, and may be too long. */
  readonly isSpare: boolean;
}

const MOST_BYTES = 2 * 1024 ** 3;
/** Smaller blobs cost next to nothing, and would use up files that large ones could have. */
const LEAST_BYTES = 1024 ** 2;
/** Longer than a round that is all transfer; in a round that trains for hours a few seconds of writing do not matter. */
const KEPT_MS = 10 * 60 * 1000;

/**
 * Files of removed blobs, to be written over. A system must find and clear memory and room on the disk for every page of a new
 * file, and a virtual machine may have to ask its host for that memory: in one, new files took 0.7 GB/s and old ones 4.3.
 */
export class SpareFiles {
  readonly #folder: string;
  readonly #spares: SpareFile[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Empties the folder: nobody knows what a crash left in it. */
  async prepare(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
  }

  /** @param bytes that will be written. Who asked removes the file, or links it and removes this name of it. */
  async open(bytes: number): Promise<FileToWrite> {
    const spare = bytes < LEAST_BYTES ? undefined : this.#spares.pop();
    if (spare !== undefined) {
      this.#bytes -= spare.bytes;
      const file = await open(spare.path, 'r+').catch(() => null); // somebody may have tidied up
      if (file !== null) return { path: spare.path, file, isSpare: true };
    }
    const path = join(this.#folder, randomUUID());
    return { path, file: await open(path, 'wx', 0o600), isSpare: false };
  }

  /** Takes the files of a folder that nobody reads any more, as many as there is use for, and removes the folder. */
  async takeFolder(folder: string): Promise<void> {
    for (const name of await readdir(folder).catch(() => [])) {
      const from = join(folder, name);
      const { size: bytes } = await stat(from);
      if (!this.#wants(bytes)) continue;
      const path = join(this.#folder, randomUUID());
      await rename(from, path);
      this.#keep({ path, bytes });
    }
    await rm(folder, { recursive: true, force: true });
  }

  /** Takes a file that `open` made, or removes it where there is no use for it. */
  async give(file: SpareFile): Promise<void> {
    if (this.#wants(file.bytes)) this.#keep(file);
    else await rm(file.path, { force: true });
  }

  /** Gives their room on the disk back. */
  async drop(): Promise<void> {
    this.#bytes = 0;
    for (const { path } of this.#spares.splice(0)) await rm(path, { force: true });
  }

  #wants(bytes: number): boolean {
    return bytes >= LEAST_BYTES && this.#bytes + bytes <= MOST_BYTES;
  }

  #keep(file: SpareFile): void {
    this.#spares.push(file);
    this.#bytes += file.bytes;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.drop().catch(() => undefined), KEPT_MS).unref();
  }
}
