import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { FederationError } from '@fedoxnet/shared/errors';
import type { FilmSource } from './film-source.js';

/** A folder, searched to its bottom. Hidden files and links to elsewhere are left out. */
export class FolderSource implements FilmSource {
  private constructor(
    readonly path: string,
    readonly names: readonly string[],
  ) {}

  static async open(path: string): Promise<FolderSource> {
    try {
      return new FolderSource(path, (await filesBelow(path, '')).sort());
    } catch (cause) {
      throw new FederationError('DATA_MISSING', `${path} cannot be read (${(cause as Error).message}).`, {
        cause,
      });
    }
  }

  open(name: string): Readable {
    return createReadStream(join(this.path, name));
  }

  async head(name: string, bytes: number): Promise<Buffer> {
    const file = await open(join(this.path, name));
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  pathOf(name: string): string {
    return join(this.path, name);
  }

  copyOut(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const visible = entries.filter(({ name }) => !name.startsWith('.'));
  const nested = await Promise.all(
    visible.map(async (entry) => {
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) return filesBelow(root, `${name}/`);
      return entry.isFile() ? [name] : [];
    }),
  );
  return nested.flat();
}
