/**
 * Where sealed chunks lie. Keys are paths of lower-case letters, digits, dots and hyphens, `/` between folders.
 * What is stored under a key never changes, so storing it again is harmless.
 */
export interface BlobStore {
  /**
   * Stores all of `pieces` or nothing.
   * @param bytes what they must add up to
   * @throws {FederationError} `UPLOAD_MISMATCH` when they do not
   */
  put(key: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, bytes: number): Promise<void>;
  /** @throws {FederationError} `NOT_FOUND` */
  get(key: string): Promise<Uint8Array>;
  has(key: string): Promise<boolean>;
  /** Names directly in `folder`, unsorted; empty when there is none. */
  list(folder: string): Promise<string[]>;
  /** Removes everything in `folder`. */
  removeFolder(folder: string): Promise<void>;
}

export function uploadFolder(id: string): string {
  return `uploads/${id}`;
}

/** @param prefix nonce prefix of the release, in hexadecimal: a second try at a release must not overwrite the first */
export function releaseFolder(study: string, release: number, prefix: string): string {
  return `releases/${study}/${release}-${prefix}`;
}

export function chunkKey(folder: string, index: number): string {
  return `${folder}/${index}`;
}
