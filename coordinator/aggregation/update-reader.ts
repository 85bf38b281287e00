import { FederationError } from '@fedoxnet/shared/errors';
import { withControls } from '@fedoxnet/shared/weights/control-variates';
import {
  encodedLayout,
  scaleCodes,
  scaleName,
  type EncodedPlace,
} from '@fedoxnet/shared/weights/update-encoding';
import { SealedSlices } from './sealed-slices.js';
import {
  isTrained,
  UpdateRefused,
  type CountedUpdate,
  type SealedWeights,
  type SumTask,
} from './sum-task.js';
import { elementsOf, type TensorSlice, type Window } from './windows.js';
import type { BlobReader } from '../blobs/blob-store.js';

/** Under which name the numbers of a tensor lie in a file. */
export type NameOf = (tensor: string) => string;
export const asNamed: NameOf = (tensor) => tensor;

/** Where the tensors lie in the data of every update of a round. */
export function layoutOfUpdates({
  model,
  choice,
  controls,
}: Pick<SumTask, 'model' | 'choice' | 'controls'>): ReturnType<typeof encodedLayout> {
  const { tensors } = model;
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const controlled = (name: string): boolean => {
    const tensor = tensors.get(name);
    return tensor !== undefined && isTrained(tensor);
  };
  return encodedLayout(controls === null ? shapes : withControls(shapes, controlled), choice);
}

/** Reads windows of the sealed files of one round; holds one chunk. */
export class UpdateReader {
  readonly #task: Pick<SumTask, 'model' | 'choice' | 'controls'>;
  readonly #files: SealedSlices;
  readonly #places: ReadonlyMap<string, EncodedPlace>;
  readonly #dataBytes: number;

  constructor(blobs: BlobReader, task: Pick<SumTask, 'model' | 'choice' | 'controls'>) {
    this.#task = task;
    this.#files = new SealedSlices(blobs);
    ({ places: this.#places, dataBytes: this.#dataBytes } = layoutOfUpdates(task));
  }

  /** Spent reading and opening, and by those who asked. */
  get seconds(): Readonly<Record<'open' | 'used', number>> {
    return this.#files.seconds;
  }

  /**
   * @param onValues gets the position of a slice in the window, the offset from its begin, and deltas
   * @throws {UpdateRefused} when the update cannot be read
   */
  async readUpdate(
    update: CountedUpdate,
    window: Window,
    nameOf: NameOf,
    onValues: (at: number, offset: number, values: Float32Array) => void,
  ): Promise<void> {
    // The header of the file may differ from site to site; what follows it does not.
    const dataStart = update.seal.header.bytes - this.#dataBytes;
    try {
      const scales = await this.#readScales(update, window, dataStart);
      const slices = placed(window, this.#places, nameOf);
      await this.#files.read(update, dataStart, slices, (at, offset, values) => {
        const factors = scales?.[at];
        if (factors !== undefined) scaleCodes(values, (window[at]?.begin ?? 0) + offset, factors);
        onValues(at, offset, values);
      });
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      throw new UpdateRefused(update.site, error.message, { cause: error });
    }
  }

  /** The numbers of a window in a file of our own, one slice behind the other. */
  async readWeights(
    file: SealedWeights,
    window: Window,
    nameOf: NameOf,
    target: Float32Array,
  ): Promise<void> {
    const begins = beginsOf(window);
    const slices = placed(window, file.places, nameOf);
    await this.#files.read(file, file.dataStart, slices, (at, offset, values) => {
      target.set(values, (begins[at] as number) + offset);
    });
  }

  /** All scales of each tensor of the window, null where the encoding has none. */
  async #readScales(
    update: CountedUpdate,
    window: Window,
    dataStart: number,
  ): Promise<readonly Float32Array[] | null> {
    if (this.#task.choice.encoding !== 'int8') return null;
    const slices = window.map(({ tensor }) => {
      const place = this.#places.get(scaleName(tensor.name)) as EncodedPlace;
      return { place, begin: 0, end: (place.end - place.begin) / Float32Array.BYTES_PER_ELEMENT };
    });
    const scales = slices.map(({ end }) => new Float32Array(end));
    await this.#files.read(update, dataStart, slices, (at, offset, values) =>
      scales[at]?.set(values, offset),
    );
    return scales;
  }
}

function placed(window: Window, places: ReadonlyMap<string, EncodedPlace>, nameOf: NameOf) {
  return window.map(({ tensor, begin, end }) => {
    const place = places.get(nameOf(tensor.name));
    if (place === undefined)
      throw new FederationError('WEIGHTS_INVALID', `A file of the round lacks ${nameOf(tensor.name)}.`);
    return { place, begin, end };
  });
}

/** Where each slice begins when they lie one behind the other. */
export function beginsOf(window: Window): number[] {
  let begin = 0;
  return window.map((slice) => {
    begin += elementsOf([slice]);
    return begin - elementsOf([slice]);
  });
}

/** An array that holds a window's slices one behind the other, as one array for each. */
export function slicesOf<T extends Float32Array | Float64Array>(
  window: Window,
  values: T,
): Map<TensorSlice, T> {
  const begins = beginsOf(window);
  return new Map(
    window.map((slice, at) => {
      const begin = begins[at] as number;
      return [slice, values.subarray(begin, begin + elementsOf([slice])) as T];
    }),
  );
}
