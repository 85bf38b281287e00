import type { DataSet, Tag } from '../../data/dicom/data-set.js';
import { readLookupTable } from '../../data/dicom/display/lookup-table.js';
import { isInverse } from '../../data/dicom/display/polarity.js';
import { readPixelFormat } from '../../data/dicom/pixel-format.js';
import type { DicomElement, DicomItem } from '../../data/dicom/write/encode-elements.js';

const DECIMAL = /^[-+]?[\d.]{1,14}([eE][-+]?\d{1,3})?$/;

/**
 * How a film is shown, said once more for a presentation state: a viewer that applies one forgets what the film says of itself
 * (PS3.4, N.2), so whatever is left out here would change the picture.
 * @returns null for a film in colours, which greyscale states cannot speak of
 * @throws {DicomRefusal} when the film has no sound Image Pixel module
 */
export function filmDisplay(dataSet: DataSet): DicomElement[] | null {
  const { signed, samples, photometric } = readPixelFormat(dataSet);
  if (samples !== 1) return null;
  const voi = voiElements(dataSet, signed);
  return [
    ...modalityElements(dataSet, signed),
    ...(voi.length === 0 ? [] : [['x00283110', 'SQ', [voi]] as const]),
    ['x20500020', 'CS', isInverse(dataSet, photometric) ? 'INVERSE' : 'IDENTITY'],
  ];
}

/** PS3.3, C.11.1. */
function modalityElements(dataSet: DataSet, signed: boolean): DicomElement[] {
  const table = tableItem(dataSet, 'x00283000', signed);
  if (table !== null) return [['x00283000', 'SQ', [[...table, ['x00283004', 'LO', 'US']]]]];
  const [intercept, slope] = [dataSet.string('x00281052'), dataSet.string('x00281053')];
  if (intercept === null || slope === null || !DECIMAL.test(intercept) || !DECIMAL.test(slope)) return [];
  return [
    ['x00281052', 'DS', intercept],
    ['x00281053', 'DS', slope],
    ['x00281054', 'LO', 'US'], // unspecified
  ];
}

/** PS3.3, C.11.8: of the film's curve and windows what its own viewer would take. */
function voiElements(dataSet: DataSet, signed: boolean): DicomItem {
  const table = tableItem(dataSet, 'x00283010', signed);
  if (table !== null) return [['x00283010', 'SQ', [table]]];
  const [centers, widths] = [dataSet.strings('x00281050'), dataSet.strings('x00281051')];
  const sound =
    centers.length === widths.length && [...centers, ...widths].every((text) => DECIMAL.test(text));
  if (!sound || centers.length === 0) return [];
  const kind = dataSet.string('x00281056');
  return [
    ['x00281050', 'DS', centers],
    ['x00281051', 'DS', widths],
    ...(kind === null ? [] : [['x00281056', 'CS', kind] as const]),
  ];
}

/** The first item of a table's sequence, written anew: in the film it may lie in another byte order. */
function tableItem(dataSet: DataSet, tag: Tag, signed: boolean): DicomItem | null {
  const [item] = dataSet.items(tag);
  const table = item === undefined ? null : readLookupTable(item, signed);
  if (table === null) return null;
  const { first, bits, entries } = table;
  const descriptor = [entries.length % 65_536, first & 0xffff, bits];
  const vr = first < 0 ? 'SS' : 'US';
  const data = Buffer.alloc(2 * entries.length);
  entries.forEach((entry, index) => data.writeUInt16LE(entry, 2 * index));
  return [
    ['x00283002', vr, vr === 'SS' ? [signed16(descriptor[0] ?? 0), first, bits] : descriptor],
    ['x00283006', 'OW', data],
  ];
}

/** The same 16 bits as a signed number. */
function signed16(value: number): number {
  return (value << 16) >> 16;
}
