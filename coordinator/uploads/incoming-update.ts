import { FederationError } from '@fedoxnet/shared/errors';
import { chunkLength, TAG_BYTES } from '@fedoxnet/shared/sealing/chunks';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { chunkKey, uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import type { CheckThread } from './check-thread.js';

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
  readonly #blobs: BlobStore;
  readonly #thread: CheckThread;
  /** The chunk that is to be looked at next. */
  #next = 0;
  #isWhole = false;
  /** Chunks that came since this process began. */
  readonly #stored = new Set<number>();
  #turn: Promise<void> = Promise.resolve();

  /** @param thread already knows the update */
  constructor(
    id: string,
    readonly header: UpdateHeader,
    blobs: BlobStore,
    thread: CheckThread,
  ) {
    this.#id = id;
    this.#blobs = blobs;
    this.#thread = thread;
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
      if (!this.#isWhole) await this.#thread.ask({ kind: 'end', upload: this.#id });
      this.#isWhole = true;
    });
  }

  /** @returns false when it is not there, or does not open: then it is dropped, to be sent again */
  async #lookAtNext(): Promise<boolean> {
    const index = this.#next;
    try {
      const { open, check } = await this.#thread.ask({ kind: 'look', upload: this.#id, index });
      this.seconds.open = open;
      this.seconds.check = check;
      this.#next += 1;
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
