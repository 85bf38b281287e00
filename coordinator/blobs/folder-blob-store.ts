import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { BlobStore } from './blob-store.js';
import { PieceBudget } from './piece-budget.js';
import { ScratchFile } from './scratch-file.js';

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;
const INCOMING = '.incoming';

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function orNotFound(key: string): (error: unknown) => never {
  return (error) => {
    if (isMissing(error)) {
      throw new FederationError('NOT_FOUND', `There is no blob ${key}.`, { cause: error });
    }
    throw error;
  };
}

/** Blobs as files. A blob appears under its name when it is complete, so a crash leaves no half of one. */
export class FolderBlobStore implements BlobStore {
  readonly #budget = new PieceBudget();

  constructor(readonly root: string) {}

  /** Removes what a crash left half-written. Call it before anything is stored. */
  async prepare(): Promise<void> {
    await rm(join(this.root, INCOMING), { recursive: true, force: true });
    await mkdir(join(this.root, INCOMING), { recursive: true, mode: 0o700 });
  }

  async put(
    key: string,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    bytes: number,
  ): Promise<void> {
    const path = this.#path(key);
    const temporary = join(this.root, INCOMING, randomUUID());
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      const written = await this.#write(file, pieces, bytes);
      if (written !== bytes) {
        const found = written > bytes ? 'more' : `${written}`;
        throw new FederationError('UPLOAD_MISMATCH', `Blob ${key} must have ${bytes} bytes, not ${found}.`);
      }
      await file.close();
      // Unlike a rename this never replaces what is there, whoever else is just storing the same key.
      await link(temporary, path).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        await compare(key, temporary, path);
      });
      failpoint('coordinator.blob.stored');
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

  async get(key: string): Promise<Uint8Array> {
    return readFile(this.#path(key)).catch(orNotFound(key));
  }

  async stream(key: string): Promise<{ readonly bytes: number; readonly content: Readable }> {
    const path = this.#path(key);
    const { size } = await stat(path).catch(orNotFound(key));
    const end = this.#budget.begin();
    const content = createReadStream(path, { highWaterMark: this.#budget.share });
    content.once('close', end);
    return { bytes: size, content };
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

  scratch(): Promise<ScratchFile> {
    return ScratchFile.create(join(this.root, INCOMING));
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new TypeError(`"${key}" is no key of a blob`);
    return join(this.root, key);
  }

  /** Gathers small pieces before it writes them. @returns bytes written; above `limit` it stops */
  async #write(
    file: FileHandle,
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<number> {
    const end = this.#budget.begin();
    let gathered: Uint8Array[] = [];
    let held = 0;
    let written = 0;
    const flush = async (): Promise<void> => {
      failpoint('coordinator.blob.writing');
      await file.writev(gathered);
      gathered = [];
      held = 0;
    };
    try {
      for await (const piece of pieces) {
        written += piece.byteLength;
        if (written > limit) return written;
        gathered.push(piece);
        held += piece.byteLength;
        if (held >= this.#budget.share) await flush();
      }
      if (held > 0) await flush();
      return written;
    } finally {
      end();
    }
  }
}

/** @throws {FederationError} `UPLOAD_MISMATCH` */
async function compare(key: string, one: string, other: string): Promise<void> {
  if (Buffer.compare(await readFile(one), await readFile(other)) !== 0) {
    throw new FederationError('UPLOAD_MISMATCH', `Blob ${key} is there already, with other bytes.`);
  }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
