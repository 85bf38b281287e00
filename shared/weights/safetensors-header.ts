import { z } from 'zod';
import { FederationError } from '../errors.js';
import { DTYPE_BYTES, isWeightDtype, WEIGHT_DTYPES, type Dtype } from './dtype.js';
import type { WeightShapes } from './weight-map.js';

/**
 * The safetensors file format (huggingface/safetensors, format 0.x): 8 bytes of header length, little-endian ‖ JSON
 * header, padded with spaces to a multiple of 8 ‖ the tensors one after another, row-major, little-endian. Our own
 * files hold float32, or the smaller types of `WEIGHT_DTYPES` behind it, and are read as float32; the header of a file
 * from elsewhere may name any type of `DTYPE_BYTES`. What reads them throws `WEIGHTS_INVALID` on a file that deviates.
 */

/** Of the length of the header, with which a file begins. */
export const LENGTH_BYTES = 8;
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

/** The refusal of a file that deviates from the format. */
export function invalidFile(message: string, cause?: unknown): FederationError {
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
    if (name === METADATA_KEY) throw invalidFile(`A tensor may not be named ${METADATA_KEY}.`);
    const end = begin + elementsOf(shape) * DTYPE_BYTES[dtype];
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  // Written by hand because an object would move names that look like numbers to the front.
  const json = `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`).join(',')}}`;
  const text = Buffer.from(json, 'utf8');
  const padded = Math.ceil(text.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) throw invalidFile(`The header would have ${padded} bytes, above the limit.`);
  const header = Buffer.alloc(LENGTH_BYTES + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded));
  text.copy(header, LENGTH_BYTES);
  return header;
}

/** Of the JSON behind the length. @param prefix the first 8 bytes of the file, or more */
export function headerLength(prefix: Uint8Array): number {
  const length = Buffer.from(prefix.buffer, prefix.byteOffset, LENGTH_BYTES).readBigUInt64LE();
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES)) {
    throw invalidFile(`The header claims ${length} bytes; 2 to ${MAX_HEADER_BYTES} are allowed.`);
  }
  return Number(length);
}

function parsePlace(name: string, value: unknown, anyDtype: boolean): TensorPlace {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidFile(`Tensor ${name}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is invalid'}.`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  if (!anyDtype && !isWeightDtype(dtype)) {
    throw invalidFile(`Tensor ${name}: dtype ${dtype}, only ${WEIGHT_DTYPES.join(', ')} are supported.`);
  }
  const [begin, end] = data_offsets;
  const bytes = elementsOf(shape) * DTYPE_BYTES[dtype];
  if (!Number.isSafeInteger(bytes) || end - begin !== bytes) {
    throw invalidFile(`Tensor ${name} has offsets ${begin}–${end}, but shape [${shape.join(', ')}].`);
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
    throw invalidFile('The header is not JSON.', cause);
  }
  const header = z.record(z.string(), z.unknown()).safeParse(parsed);
  if (json[0] !== 0x7b || !header.success) throw invalidFile('The header is not a JSON object.');
  const metadata = metadataSchema.safeParse(header.data[METADATA_KEY] ?? {});
  if (!metadata.success) throw invalidFile(`${METADATA_KEY} does not map text to text.`);
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
  if (bytes.length < LENGTH_BYTES) throw invalidFile('The file ends inside its header.');
  const dataStart = LENGTH_BYTES + headerLength(bytes);
  if (bytes.length < dataStart) throw invalidFile('The file ends inside its header.');
  const { header, metadata } = parseHeaderJson(bytes.subarray(LENGTH_BYTES, dataStart));
  const places = Object.entries(header)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, entry]) => [name, parsePlace(name, entry, anyDtype)] as const)
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let dataBytes = 0;
  for (const [name, { begin, end }] of places) {
    if (begin !== dataBytes) {
      throw invalidFile(`Tensor ${name} begins at byte ${begin}, but its predecessor ends at ${dataBytes}.`);
    }
    dataBytes = end;
  }
  return { tensors: new Map(places), metadata, dataStart, dataBytes };
}

export function shapesOf({ tensors }: SafetensorsLayout): WeightShapes {
  return new Map([...tensors].map(([name, { shape }]) => [name, shape]));
}
