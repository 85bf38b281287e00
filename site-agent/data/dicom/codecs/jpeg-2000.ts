import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';
import { WasmCodec } from './wasm-codec.js';

const codec = new WasmCodec('@cornerstonejs/codec-openjpeg/decodewasmjs', 'J2KDecoder');
/** Start of codestream, then the size segment (ISO 15444-1 A.5.1). */
const SOC_SIZ = 0xff4fff51;
/** A film has one tile, or a few; each costs the codec memory before anything is decoded. */
const MAX_TILES = 4096;

/** JPEG 2000, lossless or not. The size is read before the codec makes room for what the bytes claim. */
export async function decodeJpeg2000(bytes: Uint8Array, format: PixelFormat): Promise<Uint16Array> {
  const { rows, columns, samples } = format;
  checkSize(bytes, format);
  return codec.decode(bytes, { rows, columns, samples });
}

function checkSize(bytes: Uint8Array, { rows, columns, samples }: PixelFormat): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 44 || view.getUint32(0) !== SOC_SIZ)
    throw new DicomRefusal('The pixels are not a JPEG 2000 codestream.');
  const [right, bottom, left, top, tileWidth, tileHeight] = [8, 12, 16, 20, 24, 28].map((at) =>
    view.getUint32(at),
  ) as [number, number, number, number, number, number];
  const components = view.getUint16(40);
  if (right - left !== columns || bottom - top !== rows || components !== samples)
    throw new DicomRefusal(
      `The coded image is ${right - left}×${bottom - top}×${components}, the header says ${columns}×${rows}×${samples}.`,
    );
  const tiles = Math.ceil(right / tileWidth) * Math.ceil(bottom / tileHeight);
  if (!(tiles <= MAX_TILES)) throw new DicomRefusal(`The coded image has ${tiles} tiles.`);
}
