import { DTYPE_BYTES, numbersFromBytes } from './dtype.js';
import { bytesFromFloats } from './float-bytes.js';
import {
  elementsOf,
  headerLength,
  invalidFile,
  LENGTH_BYTES,
  parseSafetensorsHeader,
  safetensorsHeader,
  shapesOf,
  type SafetensorsLayout,
  type SafetensorsMetadata,
  type TensorPlace,
} from './safetensors-header.js';
import type { WeightArray, WeightMap, WeightShapes } from './weight-map.js';

/** The whole file, float32. @throws {FederationError} `WEIGHTS_INVALID` when a tensor does not have the values of its shape */
export function encodeSafetensors(weights: WeightMap, metadata: SafetensorsMetadata): Uint8Array {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, { shape, values }] of weights) {
    if (values.length !== elementsOf(shape)) {
      throw invalidFile(`Tensor ${name} has ${values.length} values, but shape [${shape.join(', ')}].`);
    }
    shapes.set(name, shape);
  }
  const parts = [safetensorsHeader(shapes, metadata)];
  for (const { values } of weights.values()) parts.push(bytesFromFloats(values));
  return Buffer.concat(parts);
}

/** The values are copies, float32 whatever the file holds: `bytes` may be reused. */
export function decodeSafetensors(bytes: Uint8Array): { weights: WeightMap; metadata: SafetensorsMetadata } {
  const { tensors, metadata, dataStart, dataBytes } = parseSafetensorsHeader(bytes);
  if (bytes.length !== dataStart + dataBytes) {
    throw invalidFile(`The file has ${bytes.length} bytes; its header describes ${dataStart + dataBytes}.`);
  }
  const weights = new Map<string, WeightArray>();
  for (const [name, { dtype, shape, begin, end }] of tensors) {
    const values = numbersFromBytes(dtype, bytes.subarray(dataStart + begin, dataStart + end));
    weights.set(name, { shape, values: values.buffer === bytes.buffer ? values.slice() : values });
  }
  return { weights, metadata };
}

export interface SafetensorsSink {
  /** Once, before any values; throw to refuse the model. */
  onHeader(shapes: WeightShapes, metadata: SafetensorsMetadata, layout: SafetensorsLayout): void;
  /** Values `offset` … `offset + values.length` of tensor `name`, in file order. `values` is good until this returns. */
  onValues(name: string, offset: number, values: Float32Array): void;
}

/** No number has more bytes. */
const MAX_NUMBER_BYTES = 4;

/**
 * Reads a file that arrives in pieces of any size. Holds the header until it is complete, then at most three bytes
 * of a number cut in two, so memory does not grow with the model.
 */
export class SafetensorsStream {
  readonly #sink: SafetensorsSink;
  readonly #finite: boolean;
  /** Bytes that do not yet make sense alone: of the header, or of one number. */
  #held = Buffer.alloc(0);
  #heldLength = 0;
  #layout: SafetensorsLayout | undefined;
  #places: [string, TensorPlace][] = [];
  #tensor = 0;
  /** Data bytes handed on so far. */
  #position = 0;

  /** @param options.finite refuse NaN and infinities */
  constructor(sink: SafetensorsSink, options: { readonly finite?: boolean } = {}) {
    this.#sink = sink;
    this.#finite = options.finite ?? false;
  }

  push(bytes: Uint8Array): void {
    const data = this.#layout === undefined ? this.#readHeader(bytes) : bytes;
    if (this.#layout !== undefined && data.length > 0) this.#readData(this.#layout, data);
  }

  /** @throws {FederationError} `WEIGHTS_INVALID` when the file is not complete */
  end(): void {
    if (this.#layout === undefined) throw invalidFile('The file ends inside its header.');
    if (this.#position < this.#layout.dataBytes) {
      throw invalidFile(`The file ends inside tensor ${this.#places[this.#tensor]?.[0] ?? ''}.`);
    }
  }

  /** @returns what follows the header in `bytes` */
  #readHeader(bytes: Uint8Array): Uint8Array {
    let rest = this.#hold(bytes, LENGTH_BYTES);
    if (this.#heldLength < LENGTH_BYTES) return rest;
    const dataStart = LENGTH_BYTES + headerLength(this.#held);
    rest = this.#hold(rest, dataStart);
    if (this.#heldLength < dataStart) return rest;
    const layout = parseSafetensorsHeader(this.#held.subarray(0, dataStart));
    this.#held = Buffer.alloc(MAX_NUMBER_BYTES);
    this.#heldLength = 0;
    this.#places = [...layout.tensors];
    this.#layout = layout;
    this.#sink.onHeader(shapesOf(layout), layout.metadata, layout);
    this.#skipFinished();
    return rest;
  }

  /** Copies from `bytes` until `total` are held. @returns what is left of `bytes` */
  #hold(bytes: Uint8Array, total: number): Uint8Array {
    if (this.#held.length < total) {
      const grown = Buffer.alloc(total);
      this.#held.copy(grown, 0, 0, this.#heldLength);
      this.#held = grown;
    }
    const taken = Math.min(Math.max(0, total - this.#heldLength), bytes.length);
    this.#held.set(bytes.subarray(0, taken), this.#heldLength);
    this.#heldLength += taken;
    return bytes.subarray(taken);
  }

  /** All tensors begin at multiples of their numbers' size, so a number is only ever cut by the end of a piece. */
  #readData(layout: SafetensorsLayout, bytes: Uint8Array): void {
    if (this.#position + this.#heldLength + bytes.length > layout.dataBytes) {
      throw invalidFile(`The file is longer than the ${layout.dataBytes} data bytes of its header.`);
    }
    let rest = bytes;
    while (rest.length > 0) {
      const [name, place] = this.#places[this.#tensor] as [string, TensorPlace];
      const size = DTYPE_BYTES[place.dtype];
      if (this.#heldLength > 0 || rest.length < size) {
        rest = this.#hold(rest, size);
        if (this.#heldLength < size) return;
        this.#heldLength = 0;
        this.#emit(name, place, this.#held.subarray(0, size));
      } else {
        const length = Math.min(rest.length - (rest.length % size), place.end - this.#position);
        this.#emit(name, place, rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    }
  }

  #emit(name: string, { dtype, begin }: TensorPlace, bytes: Uint8Array): void {
    const values = numbersFromBytes(dtype, bytes);
    if (this.#finite && !areFinite(values)) {
      throw invalidFile(`Tensor ${name} holds a number that is not finite.`);
    }
    this.#sink.onValues(name, (this.#position - begin) / DTYPE_BYTES[dtype], values);
    this.#position += bytes.length;
    this.#skipFinished();
  }

  #skipFinished(): void {
    while ((this.#places[this.#tensor]?.[1].end ?? Infinity) <= this.#position) this.#tensor += 1;
  }
}

/** Infinities and NaN make the sum of differences from themselves NaN; a loop without a branch is ten times `every`. */
export function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += (values[index] as number) * 0;
  return sum === 0;
}
