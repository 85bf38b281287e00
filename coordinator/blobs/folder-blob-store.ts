import { link, mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDiskFull } from '@fedoxnet/shared/disk-full';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { writeAll } from '@fedoxnet/shared/write-all';
import { syncPath } from '../durable-files.js';
import { blobPath, isMissing, readFailure } from './blob-path.js';
import type { BlobStore } from './blob-store.js';
import { PieceBudget } from './piece-budget.js';
import { Scratch } from './scratch.js';
import { SpareFiles } from './spare-files.js';

const INCOMING = '.incoming';
const SPARE_BUFFERS = 8;

function orNotFound(key: string): (error: unknown) => never {
  return (error) => {
    throw readFailure(key, error);
  };
}

/** Blobs as files. A blob appears under its name when it is complete, so a crash leaves no half of one. */
export class FolderBlobStore implements BlobStore {
  readonly #budget = new PieceBudget();
  /** Fresh memory for every piece would have to be collected again, at the rate of the transfers. */
  readonly #spare: Buffer[] = [];

  readonly #files: SpareFiles;

  constructor(readonly root: string) {
    this.#files = new SpareFiles(join(root, INCOMING));
  }

  /** Removes what a crash left half-written. Call it before anything is stored. */
  prepare(): Promise<void> {
    return this.#files.prepare();
  }

  async put(
    key: string,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    bytes: number,
  ): Promise<void> {
    const path = this.#path(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { path: temporary, file, isSpare } = await this.#files.open(bytes);
    try {
      const written = await this.#write(file, pieces, bytes);
      if (written !== bytes) {
        const found = written > bytes ? 'more' : `${written}`;
        throw new FederationError('UPLOAD_MISMATCH', `Blob ${key} must have ${bytes} bytes, not ${found}.`);
      }
      if (isSpare) await file.truncate(bytes);
      await file.close();
      // Unlike a rename this never replaces what is there, whoever else is just storing the same key.
      await link(temporary, path).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        await this.#compare(key, temporary, path);
      });
      failpoint('coordinator.blob.stored');
    } catch (error) {
      // The peer tries again, and then there may be room.
      if (isDiskFull(error)) await this.#files.drop();
      throw error;
    } finally {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
    }
  }

  async sync(folder: string): Promise<void> {
    const path = this.#path(folder);
    for (const name of await readdir(path)) await syncPath(join(path, name));
    failpoint('coordinator.blob.synced');
    // A rename is only as durable as the folder that holds it, and that one as its own parent.
    await syncPath(path);
    await syncPath(dirname(path));
  }

  async get(key: string, buffer?: Uint8Array): Promise<Uint8Array> {
    const file = await open(this.#path(key), 'r').catch(orNotFound(key));
    try {
      const { size } = await file.stat();
      const target = buffer !== undefined && buffer.length >= size ? buffer : Buffer.allocUnsafeSlow(size);
      return await filled(file, target.subarray(0, size));
    } finally {
      await file.close();
    }
  }

  async size(key: string): Promise<number> {
    return (await stat(this.#path(key)).catch(orNotFound(key))).size;
  }

  async copy(key: string, write: (piece: Uint8Array) => Promise<void>): Promise<void> {
    const file = await open(this.#path(key), 'r').catch(orNotFound(key));
    const end = this.#budget.begin();
    const buffer = this.#takeBuffer();
    try {
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        await write(buffer.subarray(0, bytesRead));
      }
      // After a failure a piece may still be on its way: only what is done with goes back.
      this.#giveBack(buffer);
    } finally {
      end();
      await file.close();
    }
  }

  async has(key: string): Promise<boolean> {
    return stat(this.#path(key)).then(
      () => true,
      (error: unknown) => {
        if (isMissing(error)) return false;
        throw error;
      },
    );
  }

  async list(folder: string): Promise<string[]> {
    return readdir(this.#path(folder)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async removeFolder(folder: string): Promise<void> {
    await rm(this.#path(folder), { recursive: true, force: true });
  }

  recycleFolder(folder: string): Promise<void> {
    return this.#files.takeFolder(this.#path(folder));
  }

  scratch(): Scratch {
    return new Scratch(this.#files);
  }

  #path(key: string): string {
    return blobPath(this.root, key);
  }

  /**
   * Gathers small pieces before it writes them. They are copied, so that the memory they came in is free at once: what is
   * held while the disk works grows old, and the collection of old memory stops everything.
   * @returns bytes written; above `limit` it stops
   */
  async #write(
    file: FileHandle,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<number> {
    const end = this.#budget.begin();
    const buffer = this.#takeBuffer();
    let held = 0;
    let written = 0;
    const flush = async (): Promise<void> => {
      failpoint('coordinator.blob.writing');
      await writeAll(file, buffer.subarray(0, held));
      held = 0;
    };
    try {
      for await (const piece of pieces) {
        written += piece.byteLength;
        if (written > limit) return written;
        for (let rest = piece; rest.byteLength > 0;) {
          const part = rest.subarray(0, buffer.length - held);
          buffer.set(part, held);
          held += part.byteLength;
          rest = rest.subarray(part.byteLength);
          if (held === buffer.length) await flush();
        }
      }
      if (held > 0) await flush();
      return written;
    } finally {
      this.#giveBack(buffer);
      end();
    }
  }

  /** Piece by piece, because a peer may send the same chunk as often as it likes. @throws {FederationError} `UPLOAD_MISMATCH` */
  async #compare(key: string, one: string, other: string): Promise<void> {
    const end = this.#budget.begin();
    const buffer = this.#takeBuffer();
    const halves = [buffer.subarray(0, buffer.length >> 1), buffer.subarray(buffer.length >> 1)] as const;
    const files: FileHandle[] = [];
    try {
      for (const path of [one, other]) files.push(await open(path, 'r'));
      const [first, second] = files as [FileHandle, FileHandle];
      for (;;) {
        const left = await filled(first, halves[0]);
        const right = await filled(second, halves[1].subarray(0, halves[0].length));
        if (!left.equals(right)) {
          throw new FederationError('UPLOAD_MISMATCH', `Blob ${key} is there already, with other bytes.`);
        }
        if (left.length === 0) break;
      }
    } finally {
      for (const file of files) await file.close();
      this.#giveBack(buffer);
      end();
    }
  }

  #takeBuffer(): Buffer {
    const { share } = this.#budget;
    const spare = share === PieceBudget.MOST ? this.#spare.pop() : undefined;
    return spare ?? Buffer.allocUnsafeSlow(share);
  }

  #giveBack(buffer: Buffer): void {
    if (buffer.length === PieceBudget.MOST && this.#spare.length < SPARE_BUFFERS) this.#spare.push(buffer);
  }
}

/** The next bytes of the file, as many as `target` takes: fewer only at its end. */
async function filled(file: FileHandle, target: Uint8Array): Promise<Buffer> {
  let read = 0;
  while (read < target.length) {
    const { bytesRead } = await file.read(target, read, target.length - read, null);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return Buffer.from(target.buffer, target.byteOffset, read);
}
