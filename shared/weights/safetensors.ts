import { z } from 'zod';
import { FederationError } from '../errors.js';
import { DTYPE_BYTES, isWeightDtype, numbersFromBytes, WEIGHT_DTYPES, type Dtype } from './dtype.js';
import { bytesFromFloats } from './float-bytes.js';
import type { WeightArray, WeightMap, WeightShapes } from './weight-map.js';

/**
 * The safetensors file format (huggingface/safetensors, format 0.x): 8 bytes of header length, little-endian ‖ JSON
 * header, padded with spaces to a multiple of 8 ‖ the tensors one after another, row-major, little-endian. Our own
 * files hold float32, or the smaller types of `WEIGHT_DTYPES` behind it, and are read as float32; the header of a file
 * from elsewhere may name any type of `DTYPE_BYTES`. Everything here throws `WEIGHTS_INVALID` on a file that deviates.
 */
const LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';
/** ResNet-101 with its roles needs about 100 kB; the bound keeps a hostile length from allocating. */
export const MAX_HEADER_BYTES = 4 * 1024 * 1024;

const ANY_DTYPE = Object.keys(DTYPE_BYTES) as Dtype[];

const entrySchema = z.strictObject({
  dtype: z.enum(ANY_DTYPE),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
const metadataSchema = z.record(z.string(), z.string());

export type SafetensorsMetadata = Readonly<Record<string, string>>;

export interface TensorPlace {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Byte range [begin, end) within the data that follows the header. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsLayout {
  /** In the order of the file's data. */
  readonly tensors: ReadonlyMap<string, TensorPlace>;
  readonly metadata: SafetensorsMetadata;
  /** Where the data begins in the file, and how long it is. */
  readonly dataStart: number;
  readonly dataBytes: number;
}

function invalid(message: string, cause?: unknown): FederationError {
  return new FederationError('WEIGHTS_INVALID', message, cause === undefined ? undefined : { cause });
}

/** Numbers in a tensor of `shape`; 1 for a scalar. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/** A tensor as a header announces it. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** Length prefix and header, complete; write the values of each float32 tensor behind it in the order of `shapes`. */
export function safetensorsHeader(shapes: WeightShapes, metadata: SafetensorsMetadata): Uint8Array {
  return safetensorsHeaderOf(
    [...shapes].map(([name, shape]) => ({ name, dtype: 'F32', shape })),
    metadata,
  );
}

/** The same for tensors of any format: larger numbers first, or those behind them would not lie at multiples of their size. */
export function safetensorsHeaderOf(
  tensors: readonly TensorEntry[],
  metadata: SafetensorsMetadata,
): Uint8Array {
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push([METADATA_KEY, metadata]);
  let begin = 0;
  for (const { name, dtype, shape } of tensors) {
    if (name === METADATA_KEY) throw invalid(`A tensor may not be named ${METADATA_KEY}.`);
    const end = begin + elementsOf(shape) * DTYPE_BYTES[dtype];
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  // Written by hand because an object would move names that look like numbers to the front.
  const json = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const text = Buffer.from(json, 'utf8');
  const padded = Math.ceil(text.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) throw invalid(`The header would have ${padded} bytes, above the limit.`);
  const header = Buffer.alloc(LENGTH_BYTES + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  text.copy(header, LENGTH_BYTES);
  return header;
}

export function encodeSafetensors(weights: WeightMap, metadata: SafetensorsMetadata): Uint8Array {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, { shape, values }] of weights) {
    if (values.length !== elementsOf(shape)) {
      throw invalid(`Tensor ${name} has ${values.length} values, but shape [${shape.join(', ')}].`);
    }
    shapes.set(name, shape);
  }
  const parts = [safetensorsHeader(shapes, metadata)];
  for (const { values } of weights.values()) parts.push(bytesFromFloats(values));
  return Buffer.concat(parts);
}

function headerLength(prefix: Uint8Array): number {
  const length = Buffer.from(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).readBigUInt64LE();
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES)) {
    throw invalid(`The header claims ${length} bytes; 2 to ${MAX_HEADER_BYTES} are allowed.`);
  }
  return Number(length);
}

function parsePlace(name: string, value: unknown, anyDtype: boolean): TensorPlace {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`Tensor ${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}.`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  if (!anyDtype && !isWeightDtype(dtype)) {
    throw invalid(`Tensor ${name}: dtype ${dtype}, only ${WEIGHT_DTYPES.join(', ')} are supported.`);
  }
  const [begin, end] = data_offsets;
  const bytes = elementsOf(shape) * DTYPE_BYTES[dtype];
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw invalid(`Tensor ${name} has offsets ${begin}–${end}, but shape [${shape.join(', ')}].`);
  }
  return { dtype, shape, begin, end };
}

function parseHeaderJson(json: Uint8Array): {
  header: Record<string, unknown>;
  metadata: SafetensorsMetadata;
} {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json));
  } catch (cause) {
    throw invalid('The header is not JSON.', cause);
  }
  const header = z.record(z.string(), z.unknown()).safeParse(parsed);
  if (json[0] !== 0x7b || !header.success) throw invalid('The header is not a JSON object.');
  const metadata = metadataSchema.safeParse(header.data[METADATA_KEY] ?? {});
  if (!metadata.success) throw invalid(`${METADATA_KEY} does not map text to text.`);
  return { header: header.data, metadata: metadata.data };
}

/**
 * @param bytes the file, or at least its first `dataStart` bytes
 * @param options.anyDtype take what another program may have written, not `WEIGHT_DTYPES` alone
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  { anyDtype = false }: { readonly anyDtype?: boolean } = {},
): SafetensorsLayout {
  if (bytes.length < LENGTH_BYTES) throw invalid('The file ends inside its header.');
  const dataStart = LENGTH_BYTES + headerLength(bytes);
  if (bytes.length < dataStart) throw invalid('The file ends inside its header.');
  const { header, metadata } = parseHeaderJson(bytes.subarray(LENGTH_BYTES, dataStart));
  const places = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, entry]) => [name, parsePlace(name, entry, anyDtype)] as const)
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let dataBytes = 0;
  for (const [name, { begin, end }] of places) {
    if (begin !== dataBytes) {
      throw invalid(`Tensor ${name} begins at byte ${begin}, but its predecessor ends at ${dataBytes}.`);
    }
    dataBytes = end;
  }
  return { tensors: new Map(places), metadata, dataStart, dataBytes };
}

export function shapesOf({ tensors }: SafetensorsLayout): WeightShapes {
  return new Map([...tensors].map(([name, { shape }]) => [name, shape]));
}

/** The values are copies, float32 whatever the file holds: `bytes` may be reused. */
export function decodeSafetensors(bytes: Uint8Array): { weights: WeightMap; metadata: SafetensorsMetadata } {
  const { tensors, metadata, dataStart, dataBytes } = parseSafetensorsHeader(bytes);
  if (bytes.length !== dataStart + dataBytes) {
    throw invalid(`The file has ${bytes.length} bytes; its header describes ${dataStart + dataBytes}.`);
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
    if (this.#layout === undefined) throw invalid('The file ends inside its header.');
    if (this.#position < this.#layout.dataBytes) {
      throw invalid(`The file ends inside tensor ${this.#places[this.#tensor]?.[0] ?? ''}.`);
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
      throw invalid(`The file is longer than the ${layout.dataBytes} data bytes of its header.`);
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
      throw invalid(`Tensor ${name} holds a number that is not finite.`);
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
