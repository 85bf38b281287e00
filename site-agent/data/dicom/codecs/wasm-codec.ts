import { createRequire } from 'node:module';
import { z } from 'zod';
import { DicomRefusal } from '../dicom-refusal.js';

/** What a codec may take for one film: a film of 20 million pixels needs about 250 MB in OpenJPEG. */
const MAX_WASM_BYTES = 512 * 1024 * 1024;
const WASM_PAGE = 65_536;

/** One use of a codec compiled from C++, as both packages expose it. */
export interface WasmDecoder {
  /** Memory of the codec where the coded bytes go. */
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  /** Memory of the codec: gone with the next call. */
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): unknown;
  delete(): void;
}

const frameInfo = z.object({
  width: z.number().int(),
  height: z.number().int(),
  bitsPerSample: z.number().int().min(1).max(16),
  componentCount: z.number().int(),
});

export interface ExpectedFrame {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
}

/**
 * A codec package, loaded at its first use. A codec that failed may hold half-freed memory, so the next film gets a
 * fresh one.
 */
export class WasmCodec {
  private loading: Promise<new () => WasmDecoder> | null = null;

  constructor(
    private readonly module: string,
    private readonly decoder: string,
  ) {}

  /**
   * Decodes one frame.
   * @returns [rows · columns · samples]; signed samples as two's complement in 16 bits
   * @throws {DicomRefusal} when the codec refuses, or finds another frame than the header promised
   */
  async decode(bytes: Uint8Array, expected: ExpectedFrame): Promise<Uint16Array> {
    const Decoder = await (this.loading ??= this.load());
    let decoder: WasmDecoder | null = null;
    try {
      decoder = new Decoder();
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
      const info = frameInfo.parse(decoder.getFrameInfo());
      const { rows, columns, samples } = expected;
      if (info.width !== columns || info.height !== rows || info.componentCount !== samples)
        throw new DicomRefusal(
          `The coded image is ${info.width}×${info.height}×${info.componentCount}, the header says ${columns}×${rows}×${samples}.`,
        );
      const values = copySamples(decoder.getDecodedBuffer(), rows * columns * samples, info.bitsPerSample);
      decoder.delete();
      return values;
    } catch (cause) {
      this.loading = null;
      if (cause instanceof DicomRefusal) throw cause;
      throw new DicomRefusal('The coded image is damaged.', { cause });
    }
  }

  private async load(): Promise<new () => WasmDecoder> {
    boundWasmMemory();
    const silent = { print: () => undefined, printErr: () => undefined };
    const factory = createRequire(import.meta.url)(this.module) as (
      options: object,
    ) => Promise<Record<string, new () => WasmDecoder>>;
    return (await factory(silent))[this.decoder] as new () => WasmDecoder;
  }
}

function copySamples(decoded: Uint8Array, count: number, bits: number): Uint16Array {
  const width = bits > 8 ? 2 : 1;
  if (decoded.length < count * width) throw new DicomRefusal('The coded image ends early.');
  if (width === 1) return new Uint16Array(decoded.subarray(0, count));
  const copy = decoded.slice(0, count * 2);
  return new Uint16Array(copy.buffer, 0, count);
}

/** The part of `WebAssembly.Memory` that the compiler's library for Node does not know. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

let bounded = false;

/** The codecs' memory may grow to 2 GB by itself; growth that fails makes them report that memory ran out. */
function boundWasmMemory(): void {
  if (bounded) return;
  bounded = true;
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: { prototype: WasmMemory } };
  };
  const memory = WebAssembly.Memory.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called below on the memory that grows
  const { grow } = memory;
  memory.grow = function (this: WasmMemory, pages: number): number {
    if (this.buffer.byteLength + pages * WASM_PAGE > MAX_WASM_BYTES)
      throw new RangeError('A film codec asked for too much memory.');
    return grow.call(this, pages);
  };
}
