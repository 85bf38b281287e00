import { open, type FileHandle } from 'node:fs/promises';
import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { FederationError } from '@fedoxnet/shared/errors';

/** One file of an archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly encrypted: boolean;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly headerAt: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const END64_LOCATOR = 0x07064b50;
const END64_LOCATOR_BYTES = 20;
const END64 = 0x06064b50;
const END64_BYTES = 56;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const EXTRA64 = 0x0001;
const IN_EXTRA64 = 0xffffffff;
const PIECE_BYTES = 256 * 1024;
/** About five million entries; a list above it is no archive of films. */
const MAX_DIRECTORY_BYTES = 512 * 1024 * 1024;

/**
 * Reads a .zip file by its central directory, so that any file of it can be read alone and nothing is held in memory but
 * the list. After APPNOTE.TXT 6.3.10; ZIP64 included, several volumes and encryption not. What an entry says of its
 * length and checksum is checked while it is read, so it cannot grow without bound.
 */
export class ZipArchive {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** @throws {FederationError} `DATA_INVALID` for a file that is no archive or whose list is damaged */
  static async open(path: string): Promise<ZipArchive> {
    const file = await open(path);
    try {
      const directory = await readDirectory(file);
      return new ZipArchive(path, file, parseDirectory(directory));
    } catch (cause) {
      await file.close();
      const reason = cause instanceof RangeError ? 'its list of files is cut' : (cause as Error).message;
      throw new FederationError('DATA_INVALID', `${path} is not a zip archive that can be read: ${reason}.`, {
        cause,
      });
    }
  }

  /** The content of one entry; the stream fails when it is damaged. */
  read(name: string): Readable {
    return Readable.from(this.content(name), { objectMode: false });
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async *content(name: string): AsyncGenerator<Buffer> {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new FederationError('DATA_MISSING', `${this.path} holds no ${name}.`);
    const refused = (why: string): FederationError =>
      new FederationError('DATA_INVALID', `${this.path}: ${name} ${why}.`);
    if (entry.encrypted) throw refused('is encrypted');
    if (entry.method !== 0 && entry.method !== 8)
      throw refused(`is packed by method ${entry.method}; store or deflate it`);
    const local = await readExactly(this.file, entry.headerAt, LOCAL_BYTES).catch(() => null);
    if (local?.readUInt32LE(0) !== LOCAL) throw refused('is not where the list of files says');
    const start = entry.headerAt + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28);
    if (entry.packedBytes === 0 && entry.bytes === 0) return;
    const packed = Readable.from(pieces(this.file, start, entry.packedBytes), { objectMode: false });
    const unpack = entry.method === 0 ? new PassThrough() : createInflateRaw();
    // What fails in one of the three ends the last one, which is read here.
    const plain = pipeline(packed, unpack, checked(entry, refused), () => undefined);
    try {
      yield* plain as AsyncIterable<Buffer>;
    } catch (cause) {
      throw cause instanceof FederationError ? cause : refused(`is damaged (${(cause as Error).message})`);
    }
  }
}

/** By position, so that several entries may be read side by side. */
async function* pieces(file: FileHandle, start: number, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; at += PIECE_BYTES) {
    yield await readExactly(file, start + at, Math.min(PIECE_BYTES, bytes - at));
  }
}

/** Passes bytes on, and fails as soon as there are more than the entry says, or at the end when length or sum differ. */
function checked({ bytes, crc }: ZipEntry, refused: (why: string) => FederationError): Transform {
  let length = 0;
  let sum = 0;
  return new Transform({
    transform(piece: Buffer, _, done) {
      length += piece.length;
      sum = crc32(piece, sum);
      if (length > bytes) done(refused('is longer than the list of files says'));
      else done(null, piece);
    },
    flush(done) {
      done(length === bytes && sum === crc ? null : refused('is damaged'));
    },
  });
}

async function readExactly(file: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, at);
  if (bytesRead < bytes) throw new RangeError('short read');
  return buffer;
}

async function readDirectory(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = await readExactly(file, size - tailBytes, tailBytes);
  let end = tailBytes - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new Error('it has no list of files');
  let bytes = tail.readUInt32LE(end + 12);
  let at = tail.readUInt32LE(end + 16);
  const locator = end - END64_LOCATOR_BYTES;
  if (locator >= 0 && tail.readUInt32LE(locator) === END64_LOCATOR) {
    const end64 = await readExactly(file, Number(tail.readBigUInt64LE(locator + 8)), END64_BYTES);
    if (end64.readUInt32LE(0) !== END64) throw new Error('its list of files cannot be found');
    bytes = Number(end64.readBigUInt64LE(40));
    at = Number(end64.readBigUInt64LE(48));
  }
  if (bytes > MAX_DIRECTORY_BYTES) throw new Error('its list of files is too long');
  return readExactly(file, at, bytes);
}

function parseDirectory(directory: Buffer): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  for (let at = 0; at < directory.length;) {
    if (directory.readUInt32LE(at) !== ENTRY) throw new Error('its list of files is damaged');
    const flags = directory.readUInt16LE(at + 8);
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const nameAt = at + ENTRY_BYTES;
    const extraAt = nameAt + nameBytes;
    const isUtf8 = (flags & 0x0800) !== 0;
    const name = directory.toString(isUtf8 ? 'utf8' : 'latin1', nameAt, extraAt).replaceAll('\\', '/');
    const wide = wideNumbers(directory.subarray(extraAt, extraAt + extraBytes));
    const number = (offset: number): number => {
      const short = directory.readUInt32LE(at + offset);
      return short === IN_EXTRA64 ? wide() : short;
    };
    const bytes = number(24); // in the order in which the extra field holds them
    const packedBytes = number(20);
    const headerAt = number(42);
    if (!name.endsWith('/')) {
      entries.set(name, {
        name,
        encrypted: (flags & 1) !== 0,
        method: directory.readUInt16LE(at + 10),
        crc: directory.readUInt32LE(at + 16),
        bytes,
        packedBytes,
        headerAt,
      });
    }
    at = extraAt + extraBytes + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** Gives the 64-bit numbers of an entry's ZIP64 field, one at each call. */
function wideNumbers(extra: Buffer): () => number {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== EXTRA64) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return () => {
    const number = Number(extra.readBigUInt64LE(at));
    at += 8;
    return number;
  };
}
