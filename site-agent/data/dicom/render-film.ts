import type { GreyPlane } from '../grey-plane.js';
import type { DataSet } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';
import { displayTable } from './display/display-table.js';
import type { PixelFormat } from './pixel-format.js';
import { decodeStoredPixels } from './stored-pixels.js';
import type { TransferSyntax } from './transfer-syntax.js';

/** Decodes a film and takes it through the display pipeline. @throws {DicomRefusal} when its pixels cannot be decoded */
export async function renderFilm(
  dataSet: DataSet,
  syntax: TransferSyntax,
  format: PixelFormat,
): Promise<GreyPlane> {
  const decoded = await decodeStoredPixels(dataSet, syntax, format);
  const stored = format.samples === 1 ? decoded : brightness(decoded, syntax, format);
  const histogram = new Uint32Array(2 ** format.bitsStored);
  for (let i = 0; i < stored.length; i++) {
    const code = stored[i] as number;
    histogram[code] = (histogram[code] as number) + 1;
  }
  const table = displayTable(dataSet, format, histogram);
  const pixels = new Uint8Array(stored.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = table[stored[i] as number] as number;
  return { width: format.columns, height: format.rows, pixels };
}

/** Luma of ITU-R BT.601, which is the Y of YBR_FULL. Codecs hand out RGB; uncompressed YBR comes as it is. */
function brightness(samples: Uint16Array, syntax: TransferSyntax, format: PixelFormat): Uint16Array {
  const placed = syntax.coding === 'native' || syntax.coding === 'rle';
  const { photometric } = format;
  if (placed && photometric !== 'RGB' && photometric !== 'YBR_FULL')
    throw new DicomRefusal(`Uncompressed ${photometric} is not supported.`);
  const pixels = samples.length / 3;
  const inPlanes = syntax.coding === 'native' && format.planar;
  const [step, next] = inPlanes ? [1, pixels] : [3, 1];
  const at = (i: number): number => samples[i] as number;
  if (placed && photometric === 'YBR_FULL')
    return Uint16Array.from({ length: pixels }, (_, i) => at(i * step));
  return Uint16Array.from({ length: pixels }, (_, i) => {
    const from = i * step;
    return Math.round(0.299 * at(from) + 0.587 * at(from + next) + 0.114 * at(from + 2 * next));
  });
}
