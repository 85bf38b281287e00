import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FilmSource } from './film-source.js';
import { ZipArchive } from './zip-archive.js';

/** A .zip file. Its films are copied out under names that the importer chose. */
export class ZipSource implements FilmSource {
  readonly names: readonly string[];

  private constructor(
    readonly path: string,
    private readonly archive: ZipArchive,
  ) {
    const isHidden = (name: string): boolean =>
      name.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
    this.names = [...archive.entries.keys()].filter((name) => !isHidden(name)).sort();
  }

  static async open(path: string): Promise<ZipSource> {
    return new ZipSource(path, await ZipArchive.open(path));
  }

  open(name: string): Readable {
    return this.archive.read(name);
  }

  async head(name: string, bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of this.archive.read(name) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length >= bytes) break;
    }
    return Buffer.concat(pieces).subarray(0, bytes);
  }

  pathOf(): null {
    return null;
  }

  /** A copy that was cut off never lies under the film's name. */
  async copyOut(name: string, target: string): Promise<void> {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const part = `${target}.part`;
    try {
      await pipeline(this.archive.read(name), createWriteStream(part, { mode: 0o600 }));
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  close(): Promise<void> {
    return this.archive.close();
  }
}
