import { FederationError } from '@fedoxnet/shared/errors';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import {
  chunkLength,
  chunkSeal,
  openChunk,
  TAG_BYTES,
  type ChunkSeal,
} from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import { chunkKey, uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import { UpdateCheck, type ExpectedUpdate } from './update-check.js';

/** Seconds that an upload took the coordinator, by part. */
export interface IncomingSeconds {
  /** Waiting for bytes and writing them. */
  receive: number;
  open: number;
  check: number;
}

/**
 * An update on its way in. Chunks come in any order. Each is stored, and never replaced; then it is opened and looked at as
 * soon as all before it were, from the store: what was looked at is what will be counted. Nothing here must outlive the
 * process: after a restart the stored chunks are looked at anew.
 */
export class IncomingUpdate {
  readonly seconds: IncomingSeconds = { receive: 0, open: 0, check: 0 };
  readonly #id: string;
  readonly #expected: ExpectedUpdate;
  readonly #blobs: BlobStore;
  readonly #seal: ChunkSeal;
  /** For one chunk, which is opened and looked at without a pause in between; so all updates may share it. */
  readonly #buffer: Uint8Array;
  readonly #check: UpdateCheck;
  /** The chunk that is to be looked at next. */
  #next = 0;
  #isWhole = false;
  /** Chunks that came since this process began. */
  readonly #stored = new Set<number>();
  #turn: Promise<void> = Promise.resolve();

  /**
   * @param boxSecretKey the coordinator's
   * @param buffer       a chunk long
   * @throws {FederationError} `DATA_KEY_NOT_AUTHENTIC`, `WEIGHTS_INVALID`
   */
  constructor(
    id: string,
    expected: ExpectedUpdate,
    boxSecretKey: Uint8Array,
    blobs: BlobStore,
    buffer: Uint8Array = new Uint8Array(CHUNK_BYTES),
  ) {
    this.#id = id;
    this.#expected = expected;
    this.#blobs = blobs;
    this.#buffer = buffer;
    this.#seal = chunkSeal(expected.header, openDataKey(expected.header, boxSecretKey));
    this.#check = new UpdateCheck(expected);
  }

  get header(): ExpectedUpdate['header'] {
    return this.#expected.header;
  }

  /**
   * Stores a chunk. The same one again is compared with what is there.
   * @throws {FederationError} `CHUNK_NOT_AUTHENTIC`, `UPLOAD_MISMATCH`, `WEIGHTS_INVALID`, `UPDATE_TOO_LONG`
   */
  async receive(index: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const started = performance.now();
    const bytes = chunkLength(this.header, index) + TAG_BYTES;
    await this.#blobs.put(this.#keyOf(index), pieces, bytes);
    this.#stored.add(index);
    this.seconds.receive += (performance.now() - started) / 1000;
    await this.#inTurn(async () => {
      while (this.#stored.has(this.#next)) {
        const looked = this.#next;
        if (!(await this.#lookAtNext()) && looked === index) {
          throw new FederationError('CHUNK_NOT_AUTHENTIC', `Chunk ${index} does not open.`);
        }
      }
    });
  }

  /**
   * Looks at everything that was not looked at, to the end.
   * @throws {FederationError} `UPLOAD_INCOMPLETE`, `UPLOAD_MISMATCH`, `WEIGHTS_INVALID`, `UPDATE_TOO_LONG`
   */
  complete(): Promise<void> {
    return this.#inTurn(async () => {
      while (this.#next < this.header.chunks) {
        const looked = this.#next;
        if (await this.#lookAtNext()) continue;
        throw new FederationError('UPLOAD_INCOMPLETE', `Chunk ${looked} of upload ${this.#id} is missing.`);
      }
      if (!this.#isWhole) this.#check.end();
      this.#isWhole = true;
    });
  }

  /** @returns false when it is not there, or does not open: then it is dropped, to be sent again */
  async #lookAtNext(): Promise<boolean> {
    const index = this.#next;
    try {
      const sealed = await this.#blobs.get(this.#keyOf(index));
      const started = performance.now();
      const plaintext = openChunk(this.#seal, index, sealed, this.#buffer);
      const opened = performance.now();
      this.#check.push(plaintext);
      this.#next += 1;
      this.seconds.open += (opened - started) / 1000;
      this.seconds.check += (performance.now() - opened) / 1000;
      return true;
    } catch (error) {
      const code = error instanceof FederationError ? error.code : null;
      if (code !== 'NOT_FOUND' && code !== 'CHUNK_NOT_AUTHENTIC') throw error;
      this.#stored.delete(index);
      await this.#blobs.remove(this.#keyOf(index));
      return false;
    }
  }

  #keyOf(index: number): string {
    return chunkKey(uploadFolder(this.#id), index);
  }

  /** One at a time: chunks are looked at in their order. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
