/** Value representations with a length of four bytes after two reserved ones (PS3.5 7.1.2). */
const LONG = new Set(['OB', 'OW', 'SQ', 'UN', 'UT']);

/** One element: tag as eight hexadecimal digits, value representation, value. Sequences hold items. */
export type Element = readonly [
  tag: string,
  vr: string,
  value: string | number | readonly number[] | Uint8Array | readonly (readonly Element[])[],
];

/** A Part 10 file in Explicit VR Little Endian, or another syntax with the same header; elements in ascending order. */
export function dicomFile(elements: readonly Element[], syntax = '1.2.840.10008.1.2.1'): Buffer {
  const meta = elementBytes(['00020010', 'UI', syntax]);
  const sorted = [...elements].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    elementBytes(['00020000', 'UL', [meta.length & 0xffff, meta.length >>> 16]]),
    meta,
    ...sorted.map(elementBytes),
  ]);
}

export interface FilmPixels {
  readonly columns: number;
  readonly rows: number;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit?: number;
  readonly signed?: boolean;
  readonly photometric?: string;
  readonly samples?: 1 | 3;
  /** Stored samples; negative ones where signed. */
  readonly values: ArrayLike<number>;
}

/** The Image Pixel module with uncompressed pixels. */
export function pixelElements(film: FilmPixels): Element[] {
  const { columns, rows, bitsAllocated, bitsStored, highBit = bitsStored - 1, values } = film;
  const mask = 2 ** bitsStored - 1;
  const shift = highBit + 1 - bitsStored;
  const placed = Array.from(values, (value) => (value & mask) << shift);
  const data = bitsAllocated === 8 ? Buffer.from(placed) : Buffer.from(Uint16Array.from(placed).buffer);
  return [
    ['00280002', 'US', film.samples ?? 1],
    ['00280004', 'CS', film.photometric ?? 'MONOCHROME2'],
    ['00280010', 'US', rows],
    ['00280011', 'US', columns],
    ['00280100', 'US', bitsAllocated],
    ['00280101', 'US', bitsStored],
    ['00280102', 'US', highBit],
    ['00280103', 'US', film.signed === true ? 1 : 0],
    ['7FE00010', bitsAllocated === 8 ? 'OB' : 'OW', data],
  ];
}

/** What makes a file a frontal chest film of someone. */
export function chestElements(uid: string, patient = 'patient-1'): Element[] {
  return [
    ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.1.1'],
    ['00080018', 'UI', uid],
    ['00080020', 'DA', '20200131'],
    ['00080060', 'CS', 'DX'],
    ['00100020', 'LO', patient],
    ['00180015', 'CS', 'CHEST'],
    ['00185101', 'CS', 'PA'],
    ['0020000D', 'UI', `${uid}.1`],
    ['0020000E', 'UI', `${uid}.2`],
  ];
}

function elementBytes([tag, vr, value]: Element): Buffer {
  const body = padded(valueBytes(vr, value), vr);
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (LONG.has(vr)) head.writeUInt32LE(body.length, 8);
  else head.writeUInt16LE(body.length, 6);
  return Buffer.concat([head, body]);
}

function valueBytes(vr: string, value: Element[2]): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (typeof value === 'number') return valueBytes(vr, [value]);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (vr === 'SQ') return Buffer.concat((value as readonly (readonly Element[])[]).map(itemBytes));
  return Buffer.from(Uint16Array.from(value as readonly number[], (number) => number & 0xffff).buffer);
}

function itemBytes(elements: readonly Element[]): Buffer {
  const body = Buffer.concat(elements.map(elementBytes));
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** Values have even lengths: text ends with a blank, the rest with a zero. */
function padded(body: Buffer, vr: string): Buffer {
  if (body.length % 2 === 0) return body;
  return Buffer.concat([body, Buffer.from(vr === 'UI' || LONG.has(vr) ? [0] : [0x20])]);
}
