import { FederationError } from '@fedoxnet/shared/errors';
import { DTYPE_BYTES, numbersFromBytes } from '@fedoxnet/shared/weights/dtype';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { areFinite } from '@fedoxnet/shared/weights/safetensors';
import {
  encodedLayout,
  scaleCodes,
  scaleName,
  type EncodedPlace,
  type EncodingChoice,
} from '@fedoxnet/shared/weights/update-encoding';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { BlobStore } from '../blobs/blob-store.js';
import { readSealedRange, type SealedFile } from '../blobs/sealed-range.js';
import type { ModelLayout, TensorLayout } from './model-layout.js';
import type { AggregationStrategy } from './strategy.js';
import type { Window } from './windows.js';

/** An update that was verified and counted. */
export interface CountedUpdate extends SealedFile {
  readonly site: string;
  readonly masses: UpdateMasses;
}

/** The model that the sites started from. */
export interface BaseModel extends SealedFile {
  readonly places: ReadonlyMap<string, EncodedPlace>;
  readonly dataStart: number;
}

/** All that a round's sum is made of. */
export interface SumTask {
  readonly model: ModelLayout;
  readonly choice: EncodingChoice;
  readonly strategy: AggregationStrategy;
  /** In the order of the sites' names. */
  readonly updates: readonly CountedUpdate[];
  readonly base: BaseModel;
}

/** An upload that cannot be counted after all: its bytes were lost or changed on the disk. */
export class UpdateRefused extends Error {
  override readonly name = 'UpdateRefused';

  constructor(
    readonly site: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The update of ${site} cannot be counted: ${reason}`, options);
  }
}

/** Seconds of the parts of a sum. */
export interface SumSeconds {
  /** Reading and opening sealed bytes. */
  open: number;
  add: number;
}

/** Sums windows of one round; holds one chunk and one window at a time. */
export class WindowSummer {
  readonly #blobs: BlobStore;
  readonly #task: SumTask;
  readonly #places: ReadonlyMap<string, EncodedPlace>;
  readonly #dataBytes: number;
  readonly #buffer = new Uint8Array(SEALED_CHUNK_BYTES);
  /** Of the window's sums; the next window uses it again. */
  #storage = new Float64Array(0);
  readonly seconds: SumSeconds = { open: 0, add: 0 };

  constructor(blobs: BlobStore, task: SumTask) {
    this.#blobs = blobs;
    this.#task = task;
    const shapes = new Map([...task.model.tensors].map(([name, { shape }]) => [name, shape]));
    ({ places: this.#places, dataBytes: this.#dataBytes } = encodedLayout(shapes, task.choice));
  }

  /**
   * @param target at least as long as the window, where the result goes
   * @returns the window's tensors of the next global model, one behind the other
   * @throws {UpdateRefused} the first update that cannot be read
   * @throws {FederationError} `WEIGHTS_INVALID` when the result is not finite
   */
  async sum(
    window: Window,
    target: Float32Array = new Float32Array(elementsOf(window)),
  ): Promise<Float32Array> {
    const { strategy, model, updates } = this.#task;
    const masses = updates.map((update) => update.masses);
    const elements = elementsOf(window);
    if (this.#storage.length < elements) this.#storage = new Float64Array(elements);
    const begins = beginsOf(window);
    const sums = window.map((tensor, at) => {
      const begin = begins[at] as number;
      const storage = this.#storage.subarray(begin, begin + tensor.elements);
      return strategy.sum(tensor, model.classes, masses, storage);
    });
    for (const [index, update] of updates.entries()) {
      await this.#readUpdate(update, window, (at, offset, values) => {
        sums[at]?.add(index, offset, values);
      });
    }
    const next = target.subarray(0, elements);
    const { base } = this.#task;
    await this.#read(base, base.dataStart, base.places, window, (at, offset, piece) => {
      next.set(piece, (begins[at] as number) + offset);
    });
    const started = performance.now();
    for (const [at, tensor] of window.entries()) {
      const begin = begins[at] as number;
      const values = next.subarray(begin, begin + tensor.elements);
      sums[at]?.finish(values);
      if (!areFinite(values)) {
        throw new FederationError('WEIGHTS_INVALID', `Tensor ${tensor.name} of the mean is not finite.`);
      }
    }
    this.seconds.add += (performance.now() - started) / 1000;
    return next;
  }

  /** Calls back with the position of a tensor in the window, and deltas from an offset in that tensor. */
  async #readUpdate(
    update: CountedUpdate,
    window: Window,
    onValues: (at: number, offset: number, values: Float32Array) => void,
  ): Promise<void> {
    // The header of the file may differ from site to site; what follows it does not.
    const dataStart = update.seal.header.bytes - this.#dataBytes;
    try {
      const scales = await this.#readScales(update, window, dataStart);
      await this.#read(update, dataStart, this.#places, window, (at, offset, values) => {
        const factors = scales?.[at];
        if (factors !== undefined) scaleCodes(values, offset, factors);
        onValues(at, offset, values);
      });
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      throw new UpdateRefused(update.site, error.message, { cause: error });
    }
  }

  /** The scales of each tensor of the window, null where the encoding has none. */
  async #readScales(
    file: SealedFile,
    window: Window,
    dataStart: number,
  ): Promise<readonly Float32Array[] | null> {
    if (this.#task.choice.encoding !== 'int8') return null;
    const factors = window.map(({ name, role }): TensorLayout => {
      const { begin, end } = this.#places.get(scaleName(name)) as EncodedPlace;
      const elements = (end - begin) / DTYPE_BYTES.F32;
      return { name: scaleName(name), shape: [elements], elements, role };
    });
    const scales = factors.map(({ elements }) => new Float32Array(elements));
    await this.#read(file, dataStart, this.#places, factors, (at, offset, values) => {
      scales[at]?.set(values, offset);
    });
    return scales;
  }

  /** Reads neighbouring tensors of a file. Chunks begin at multiples of eight bytes of the file, so none cuts a number. */
  async #read(
    file: SealedFile,
    dataStart: number,
    places: ReadonlyMap<string, EncodedPlace>,
    tensors: readonly TensorLayout[],
    onValues: (at: number, offset: number, values: Float32Array) => void,
  ): Promise<void> {
    const at = tensors.map(({ name }) => places.get(name) as EncodedPlace);
    const first = at[0]?.begin ?? 0;
    const last = at.at(-1)?.end ?? first;
    let position = first;
    let tensor = 0;
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
        const { dtype, begin, end } = at[tensor] as EncodedPlace;
        const part = rest.subarray(0, end - position);
        onValues(tensor, (position - begin) / DTYPE_BYTES[dtype], numbersFromBytes(dtype, part));
        position += part.length;
        rest = rest.subarray(part.length);
        while (position >= (at[tensor]?.end ?? Infinity)) tensor += 1;
      }
      before = performance.now();
      this.seconds.add += (before - opened) / 1000;
    }
  }
}

export function elementsOf(window: Window): number {
  return window.reduce((sum, { elements }) => sum + elements, 0);
}

/** Where each tensor begins when they lie one behind the other. */
function beginsOf(window: Window): number[] {
  let begin = 0;
  return window.map(({ elements }) => {
    begin += elements;
    return begin - elements;
  });
}
