import type { Scratch } from './scratch.js';

/**
 * Where sealed chunks lie. Keys are paths of lower-case letters, digits, dots and hyphens, `/` between folders.
 * What is stored under a key never changes, so storing it again is harmless.
 */
export interface BlobStore extends BlobReader {
  /** A worker thread opens the same store here. */
  readonly root: string;
  /**
   * Stores all of `pieces` or nothing, so that it outlives this process; `sync` makes it outlive a power failure.
   * Under a key that is taken it stores nothing, but compares.
   * @param bytes what they must add up to
   * @throws {FederationError} `UPLOAD_MISMATCH` when they do not add up, or differ from what is there
   */
  put(key: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, bytes: number): Promise<void>;
  /** Everything in `folder` is on the disk when this resolves. */
  sync(folder: string): Promise<void>;
  /** Bytes of a blob. @throws {FederationError} `NOT_FOUND` */
  size(key: string): Promise<number>;
  /**
   * Reads a blob a piece at a time, for a peer that may be slow.
   * @param write is done with the piece when it resolves
   * @throws {FederationError} `NOT_FOUND`
   */
  copy(key: string, write: (piece: Uint8Array) => Promise<void>): Promise<void>;
  has(key: string): Promise<boolean>;
  /** Names directly in `folder`, unsorted; empty when there is none. */
  list(folder: string): Promise<string[]>;
  remove(key: string): Promise<void>;
  /** Removes everything in `folder`. */
  removeFolder(folder: string): Promise<void>;
  /** The same where nobody reads any more: the files may be written over at once. */
  recycleFolder(folder: string): Promise<void>;
  scratch(): Scratch;
}

/** Blobs to look at. */
export interface BlobReader {
  /**
   * @param buffer where to read it to, when that is long enough; else fresh memory
   * @throws {FederationError} `NOT_FOUND`
   */
  get(key: string, buffer?: Uint8Array): Promise<Uint8Array>;
}

export const UPLOADS = 'uploads';

export function uploadFolder(id: string): string {
  return `${UPLOADS}/${id}`;
}

/** Of a study: its sealed releases. */
export function releasesFolder(study: string): string {
  return `releases/${study}`;
}

/** Of a study: what its server's optimiser keeps. */
export function statesFolder(study: string): string {
  return `states/${study}`;
}

export function chunkKey(folder: string, index: number): string {
  return `${folder}/${index}`;
}
