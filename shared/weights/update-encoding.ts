import { DTYPE_BYTES, type Dtype, type WeightDtype } from './dtype.js';
import { elementsOf, type TensorEntry } from './safetensors-header.js';
import type { WeightShapes } from './weight-map.js';

/**
 * How an update travels. `fp32` and `fp16`: its numbers as they are or rounded to half precision. `int8`: whole numbers
 * q in −127 … 127 and float32 scales s, of which each number is q · s; the scales lie in front, in tensors of their own.
 * PROTOCOL.md §4.1.
 */
export const UPDATE_ENCODINGS = ['fp32', 'fp16', 'int8'] as const;
export type UpdateEncoding = (typeof UPDATE_ENCODINGS)[number];

/** `tensor`: one scale for all of it. `channel`: one for each entry of the last axis, the output channel of a kernel. */
export const SCALE_GROUPS = ['tensor', 'channel'] as const;
export type ScaleGroup = (typeof SCALE_GROUPS)[number];

export interface EncodingChoice {
  readonly encoding: UpdateEncoding;
  /** Matters to `int8` alone. */
  readonly scales: ScaleGroup;
}

const DTYPE_OF: Readonly<Record<UpdateEncoding, WeightDtype>> = { fp32: 'F32', fp16: 'F16', int8: 'I8' };

/** Largest |q|: symmetric, so that −128 stays unused. */
export const LARGEST_CODE = 127;

export function scaleName(tensor: string): string {
  return `${tensor}#scale`;
}

/** Number of scales of a tensor: 1, or the length of its last axis. A scalar and a vector have one. */
export function scaleCount(shape: readonly number[], group: ScaleGroup): number {
  return group === 'channel' && shape.length >= 2 ? (shape.at(-1) ?? 1) : 1;
}

/** A tensor in an update's file. */
export interface EncodedEntry extends TensorEntry {
  readonly dtype: WeightDtype;
}

/** All tensors of an update's file, in their order. */
export function encodedEntries(
  shapes: WeightShapes,
  { encoding, scales }: EncodingChoice,
): readonly EncodedEntry[] {
  const dtype = DTYPE_OF[encoding];
  const values = [...shapes].map(([name, shape]) => ({ name, dtype, shape }));
  if (encoding !== 'int8') return values;
  const factors = [...shapes].map(([name, shape]): EncodedEntry => ({
    name: scaleName(name),
    dtype: 'F32',
    shape: [scaleCount(shape, scales)],
  }));
  return [...factors, ...values];
}

/** Where a tensor's numbers lie within the data of an update's file. */
export interface EncodedPlace {
  readonly dtype: Dtype;
  readonly begin: number;
  readonly end: number;
}

/** By name, in file order. The data begins where a file of `bytes` has that many left: `bytes` − `dataBytes`. */
export function encodedLayout(
  shapes: WeightShapes,
  choice: EncodingChoice,
): { readonly places: ReadonlyMap<string, EncodedPlace>; readonly dataBytes: number } {
  const places = new Map<string, EncodedPlace>();
  let begin = 0;
  for (const { name, dtype, shape } of encodedEntries(shapes, choice)) {
    const end = begin + elementsOf(shape) * DTYPE_BYTES[dtype];
    places.set(name, { dtype, begin, end });
    begin = end;
  }
  return { places, dataBytes: begin };
}

/**
 * Turns codes into numbers, in place: element `offset + i` of the tensor has scale (offset + i) mod `scales.length`.
 * The product is rounded to float32, at the site that keeps what it lost and at the coordinator alike.
 */
export function scaleCodes(codes: Float32Array, offset: number, scales: Float32Array): void {
  const count = scales.length;
  const [only] = scales;
  if (count === 1) {
    for (let index = 0; index < codes.length; index += 1)
      codes[index] = (codes[index] as number) * (only as number);
    return;
  }
  let channel = offset % count;
  for (let index = 0; index < codes.length; index += 1) {
    codes[index] = (codes[index] as number) * (scales[channel] as number);
    channel = channel + 1 === count ? 0 : channel + 1;
  }
}
