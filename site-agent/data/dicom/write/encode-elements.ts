import type { Tag } from '../data-set.js';
import { encodeText } from './character-set.js';

const TEXT = ['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT'] as const;
const PLAIN = ['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'TM', 'UI', 'UR'] as const;
const NUMBERS = {
  US: [2, (bytes: DataView, at: number, value: number) => bytes.setUint16(at, value, true)],
  SS: [2, (bytes: DataView, at: number, value: number) => bytes.setInt16(at, value, true)],
  UL: [4, (bytes: DataView, at: number, value: number) => bytes.setUint32(at, value, true)],
  SL: [4, (bytes: DataView, at: number, value: number) => bytes.setInt32(at, value, true)],
  FL: [4, (bytes: DataView, at: number, value: number) => bytes.setFloat32(at, value, true)],
} as const;
/** Value representations with a length of four bytes after two reserved ones (PS3.5, 7.1.2). */
const LONG: ReadonlySet<string> = new Set(['OB', 'OW', 'SQ', 'UC', 'UR', 'UT']);
const texts: ReadonlySet<string> = new Set(TEXT);

type TextVr = (typeof TEXT)[number] | (typeof PLAIN)[number];
type NumberVr = keyof typeof NUMBERS;

/**
 * One element: tag, value representation, value. Several texts or numbers are a list; bytes of a text are written as
 * they are; a sequence is a list of items.
 */
export type DicomElement =
  | readonly [tag: Tag, vr: TextVr, value: string | readonly string[] | Uint8Array]
  | readonly [tag: Tag, vr: NumberVr, value: number | readonly number[]]
  | readonly [tag: Tag, vr: 'OB' | 'OW', value: Uint8Array]
  | readonly [tag: Tag, vr: 'SQ', value: readonly DicomItem[]];

/** A data set, or an item of a sequence. */
export type DicomItem = readonly DicomElement[];

/**
 * Writes elements in Explicit VR Little Endian (PS3.5, 7.1 and 7.5), ascending by tag, with defined lengths throughout.
 * @param characterSet value of Specific Character Set, in which texts are written
 */
export function encodeElements(elements: DicomItem, characterSet: string | null): Buffer {
  const sorted = [...elements].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(sorted.flatMap((element) => encodeElement(element, characterSet)));
}

function encodeElement(element: DicomElement, characterSet: string | null): Buffer[] {
  const [tag, vr] = element;
  const value = encodeValue(element, characterSet);
  const isOdd = value.length % 2 === 1;
  const body = isOdd ? [value, Buffer.from(/^(UI|OB|OW)$/.test(vr) ? '\0' : ' ')] : [value];
  const length = value.length + (isOdd ? 1 : 0);
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(parseInt(tag.slice(1, 5), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(5), 16), 2);
  head.write(vr, 4, 'latin1');
  if (LONG.has(vr)) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6); // throws for a value that does not fit
  return [head, ...body];
}

function encodeValue([, vr, value]: DicomElement, characterSet: string | null): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (vr === 'SQ') return Buffer.concat(value.map((item) => encodeItem(item, characterSet)));
  if (isNumber(vr)) return encodeNumbers(vr, [value].flat() as number[]);
  const text = [value].flat().join('\\');
  return texts.has(vr) ? encodeText(text, characterSet) : Buffer.from(text, 'latin1');
}

function isNumber(vr: string): vr is NumberVr {
  return vr in NUMBERS;
}

function encodeNumbers(vr: NumberVr, values: readonly number[]): Buffer {
  const [bytes, write] = NUMBERS[vr];
  const buffer = Buffer.alloc(bytes * values.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  values.forEach((value, index) => write(view, index * bytes, value));
  return buffer;
}

function encodeItem(item: DicomItem, characterSet: string | null): Buffer {
  const body = encodeElements(item, characterSet);
  const head = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}
