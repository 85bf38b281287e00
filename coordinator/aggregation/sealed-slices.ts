import { DTYPE_BYTES, numbersFromBytes } from '@fedoxnet/shared/weights/dtype';
import type { EncodedPlace } from '@fedoxnet/shared/weights/update-encoding';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { BlobReader } from '../blobs/blob-store.js';
import { readSealedRange, type SealedFile } from '../blobs/sealed-range.js';

/** Elements [begin, end) of a tensor that lies at `place`. */
export interface PlacedSlice {
  readonly place: EncodedPlace;
  readonly begin: number;
  readonly end: number;
}

/** Reads slices of sealed files; holds one chunk. */
export class SealedSlices {
  readonly #blobs: BlobReader;
  readonly #buffer = new Uint8Array(SEALED_CHUNK_BYTES);
  /** Spent reading and opening, and in callbacks. */
  readonly seconds = { open: 0, used: 0 };

  constructor(blobs: BlobReader) {
    this.#blobs = blobs;
  }

  /**
   * Neighbouring slices of a file, piece by piece. Chunks begin at multiples of eight bytes of the file, so none cuts a
   * number.
   * @param onValues gets the position of the slice, the offset from its begin, and numbers that may be changed but not kept
   */
  async read(
    file: SealedFile,
    dataStart: number,
    slices: readonly PlacedSlice[],
    onValues: (at: number, offset: number, values: Float32Array) => void,
  ): Promise<void> {
    const ranges = slices.map(({ place, begin, end }) => {
      const bytes = DTYPE_BYTES[place.dtype];
      return { dtype: place.dtype, bytes, from: place.begin + begin * bytes, to: place.begin + end * bytes };
    });
    const first = ranges[0]?.from ?? 0;
    const last = ranges.at(-1)?.to ?? first;
    let position = first;
    let at = 0;
    let before = performance.now();
    for await (const piece of readSealedRange(
      this.#blobs,
      file,
      dataStart + first,
      dataStart + last,
      this.#buffer,
    )) {
      const opened = performance.now();
      this.seconds.open += (opened - before) / 1000;
      let rest = piece;
      while (rest.length > 0) {
        while (position >= (ranges[at]?.to ?? Infinity)) at += 1;
        const range = ranges[at] as (typeof ranges)[number];
        const part = rest.subarray(0, range.to - position);
        onValues(at, (position - range.from) / range.bytes, numbersFromBytes(range.dtype, part));
        position += part.length;
        rest = rest.subarray(part.length);
      }
      before = performance.now();
      this.seconds.used += (before - opened) / 1000;
    }
  }
}
