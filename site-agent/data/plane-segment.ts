import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { isDiskFull } from '@fedoxnet/shared/disk-full';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeAll } from '@fedoxnet/shared/write-all';

/**
 * A file of decoded films of one size: n planes of S · S bytes, then an index (JSON), then 16 bytes: length and CRC-32 of
 * the index, little-endian, and a mark. A segment is written under another name and renamed when it is whole, and never
 * changed afterwards. While it is open its planes can be read even if the file is removed.
 */
const MARK = Buffer.from('FXPLANE1');
const FOOTER = 8 + MARK.length;
const SUFFIX = '.planes';

const planeEntry = z.object({
  key: z.string(),
  /** Of the film, before fitting. */
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  /** CRC-32 of the plane. */
  crc: z.number().int().min(0),
});
export type PlaneEntry = z.infer<typeof planeEntry>;
const planeIndex = z.array(planeEntry);

/** Segments of planes of `size` × `size` begin with this and end with `SUFFIX`. */
export function isSegment(name: string, size?: number): boolean {
  return name.startsWith(size === undefined ? 'films-' : `films-${size}-`) && name.endsWith(SUFFIX);
}

/** A segment that is being written; its planes may come in any order. */
export class SegmentWriter {
  private readonly entries: PlaneEntry[] = [];
  private readonly area: number;

  private constructor(
    readonly path: string,
    private readonly temporary: string,
    private readonly file: FileHandle,
    size: number,
  ) {
    this.area = size * size;
  }

  /** @throws {FederationError} `DISK_FULL` or `CACHE_UNWRITABLE`, as do all methods */
  static create(folder: string, size: number): Promise<SegmentWriter> {
    const path = join(folder, `films-${size}-${randomBytes(8).toString('hex')}${SUFFIX}`);
    const temporary = `${path}.tmp`;
    return writing(path, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return new SegmentWriter(path, temporary, await open(temporary, 'wx', 0o600), size);
    });
  }

  get planes(): number {
    return this.entries.length;
  }

  async add(plane: Uint8Array, entry: Omit<PlaneEntry, 'crc'>): Promise<void> {
    const slot = this.entries.push({ ...entry, crc: crc32(plane) }) - 1;
    await writing(this.path, () => writeAll(this.file, plane, slot * this.area));
  }

  /** Call when every `add` has returned. @returns the path under which the segment can be opened from now on */
  async seal(): Promise<string> {
    const index = Buffer.from(JSON.stringify(this.entries));
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32LE(index.length, 0);
    numbers.writeUInt32LE(crc32(index), 4);
    const end = Buffer.concat([index, numbers, MARK]);
    return writing(this.path, async () => {
      await writeAll(this.file, end, this.entries.length * this.area);
      await this.file.sync();
      await this.file.close();
      await rename(this.temporary, this.path);
      return this.path;
    });
  }

  /** Leaves nothing behind of a segment that was not sealed. */
  async discard(): Promise<void> {
    await this.file.close();
    await rm(this.temporary, { force: true });
  }
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isDiskFull(cause))
      throw new FederationError('DISK_FULL', `The disk that holds ${path} is full.`, { cause });
    const reason = (cause as Error).message;
    throw new FederationError('CACHE_UNWRITABLE', `${path} cannot be written (${reason}).`, { cause });
  }
}

/** A whole segment, open for reading. */
export class PlaneSegment {
  private constructor(
    readonly path: string,
    private readonly file: number,
    private readonly area: number,
    /** In the order of the planes. */
    readonly entries: readonly PlaneEntry[],
  ) {}

  /** @returns null when the file is gone, or not a whole segment of this size */
  static async open(path: string, size: number): Promise<PlaneSegment | null> {
    let file: number;
    let bytes: number;
    try {
      bytes = (await stat(path)).size;
      file = openSync(path, 'r');
    } catch {
      return null;
    }
    const entries = readIndex(file, bytes, size * size);
    if (entries !== null) return new PlaneSegment(path, file, size * size, entries);
    closeSync(file);
    return null;
  }

  /** @returns [S · S], or null when it is not what was written */
  read(slot: number): Uint8Array | null {
    const plane = new Uint8Array(this.area);
    const length = readSync(this.file, plane, 0, this.area, slot * this.area);
    return length === this.area && crc32(plane) === this.entries[slot]?.crc ? plane : null;
  }

  close(): void {
    closeSync(this.file);
  }
}

function readIndex(file: number, bytes: number, area: number): readonly PlaneEntry[] | null {
  if (bytes < FOOTER) return null;
  const footer = Buffer.alloc(FOOTER);
  readSync(file, footer, 0, FOOTER, bytes - FOOTER);
  const length = footer.readUInt32LE(0);
  if (!footer.subarray(8).equals(MARK) || length > bytes - FOOTER) return null;
  const index = Buffer.alloc(length);
  readSync(file, index, 0, length, bytes - FOOTER - length);
  if (crc32(index) !== footer.readUInt32LE(4)) return null;
  const parsed = planeIndex.safeParse(JSON.parse(index.toString('utf8')));
  return parsed.success && parsed.data.length * area === bytes - FOOTER - length ? parsed.data : null;
}
