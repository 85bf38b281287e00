import type { UploadState } from '@fedoxnet/shared/protocol/http-messages';

/** How the coordinator must answer to a chunk; null: by any refusal. */
export type ChunkAnswer = 'taken' | 'UPLOAD_MISMATCH' | 'CHUNK_NOT_AUTHENTIC' | null;

/** What a coordinator must have of one site's uploads, by what was sent to it: PROTOCOL.md §3.4, written a second time. */
export class UploadBook {
  /** The open upload, when its header is the genuine one. */
  id: string | null = null;
  isComplete = false;
  /** Uploads that were replaced or dropped, and one that never was. */
  readonly gone: string[] = ['u1'];
  /** Uploads of earlier rounds. */
  readonly counted: string[] = [];
  /** The open upload, when its header is another. */
  #other: string | null = null;
  readonly #stored = new Map<number, Uint8Array>();
  /** Chunks before this one were opened. */
  #opened = 0;
  readonly #genuine: (index: number) => Uint8Array;

  /** @param genuine chunks 0 and 1 of the round's update */
  constructor(genuine: (index: number) => Uint8Array) {
    this.#genuine = genuine;
  }

  get isWhole(): boolean {
    return this.#stored.size === 2;
  }

  /** A round begins: nothing of it is there yet. */
  begin(): void {
    if (this.id !== null) this.counted.push(this.id);
    this.id = null;
    this.replaceBy(null);
    this.isComplete = false;
  }

  /** The genuine header is the open upload's, and perhaps was before. */
  openAs(id: string): void {
    if (this.id === null) this.replaceBy(null);
    this.id ??= id;
  }

  /** The site's open upload is gone, with all that was stored, and another stands in its place. */
  replaceBy(other: string | null): void {
    for (const id of [this.id, this.#other]) if (id !== null && id !== other) this.gone.push(id);
    this.#other = other;
    this.id = null;
    this.#stored.clear();
    this.#opened = 0;
  }

  /** A chunk ahead of its turn is stored before anyone can open it. */
  answerTo(index: number, bytes: Uint8Array): ChunkAnswer {
    const genuine = this.#genuine(index);
    const stored = this.#stored.get(index);
    if (bytes.length !== genuine.length) return null;
    if (this.isComplete) return 'UPLOAD_MISMATCH';
    if (stored !== undefined) return isSame(stored, bytes) ? 'taken' : 'UPLOAD_MISMATCH';
    return index > this.#opened || isSame(bytes, genuine) ? 'taken' : 'CHUNK_NOT_AUTHENTIC';
  }

  /** The chunk was taken. One whose turn comes and that does not open is to be sent again. */
  store(index: number, bytes: Uint8Array): void {
    this.#stored.set(index, bytes);
    for (;;) {
      const next = this.#stored.get(this.#opened);
      if (next === undefined) return;
      if (!isSame(next, this.#genuine(this.#opened))) {
        this.#stored.delete(this.#opened);
        return;
      }
      this.#opened += 1;
    }
  }

  get state(): UploadState | null {
    const received = [...this.#stored.keys()].sort();
    return this.id === null ? null : { id: this.id, chunks: 2, received, complete: this.isComplete };
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
