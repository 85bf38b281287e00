import { DicomRefusal } from '../dicom-refusal.js';
import type { PixelFormat } from '../pixel-format.js';
import { WasmCodec } from './wasm-codec.js';

const codec = new WasmCodec('@cornerstonejs/codec-charls/decodewasmjs', 'JpegLSDecoder');
/** Start of a JPEG-LS frame (ISO 14495-1 C.2.2). */
const SOF55 = 0xf7;

/** JPEG-LS, lossless or near-lossless. The size is read before the codec makes room for what the bytes claim. */
export async function decodeJpegLs(bytes: Uint8Array, format: PixelFormat): Promise<Uint16Array> {
  const { rows, columns, samples } = format;
  if (samples !== 1) throw new DicomRefusal('Colour JPEG-LS is not supported.');
  const frame = findFrame(bytes);
  if (frame === null || bytes.length < frame + 8) throw new DicomRefusal('The pixels are not JPEG-LS.');
  const view = new DataView(bytes.buffer, bytes.byteOffset + frame, 8);
  const [height, width, components] = [view.getUint16(3), view.getUint16(5), view.getUint8(7)];
  if (height !== rows || width !== columns || components !== samples)
    throw new DicomRefusal(
      `The coded image is ${width}×${height}×${components}, the header says ${columns}×${rows}×${samples}.`,
    );
  return codec.decode(bytes, { rows, columns, samples });
}

/** Where the length of the frame header lies. */
function findFrame(bytes: Uint8Array): number | null {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    if (bytes[at + 1] === SOF55) return at + 2;
    at += 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }
  return null;
}
