import dicomParser, { type Element } from 'dicom-parser';
import type { DataSet, Tag } from '../dicom/data-set.js';

/** A value of a film's header that must not be found outside the private folder. */
export interface HeaderValue {
  /** Group and element, as (0010,0010); for the report, which never repeats the value. */
  readonly tag: string;
  /** As the bytes lie in the file, blanks at the ends removed. */
  readonly bytes: Buffer;
}

/**
 * Value representations whose values name people, places, times and things: searched for. Left out, because they name
 * nobody and stand everywhere: numbers (DS, IS, US, FL, …), code words that the standard defines (CS), tags (AT),
 * pixels and other binary data of standard elements (OB, OW, …), and the standard's own UIDs (1.2.840.10008.…).
 */
const NAMING = new Set([
  'AE',
  'AS',
  'DA',
  'DT',
  'LO',
  'LT',
  'PN',
  'SH',
  'ST',
  'TM',
  'UC',
  'UI',
  'UR',
  'UT',
  'UN',
]);
/** Code words (CS) by their tags, for files without value representations. */
const CODES = new Set(
  [
    ...[
      '00080005',
      '00080008',
      '00080060',
      '00080061',
      '00080068',
      '00100040',
      '00180015',
      '00181508',
      '00181700',
    ],
    ...['00185101', '00200020', '00200060', '00200062', '20500020'],
  ].map((tag) => `x${tag}`),
);
/** In files without value representations: those whose values are text are told by their bytes. */
const TEXT = /^[\x20-\x7e\x80-\xff\r\n\t]+$/;
const STANDARD_UID = /^1\.2\.840\.10008\./;
const PIXEL_GROUPS = /^x(0028|7fe0|60..)/;
/** A longer value is a document or binary; its first part is searched for. */
const MAX_BYTES = 256;
const MIN_BYTES = 3;

/** All of them, private elements and those inside sequences included. */
export function headerValues(dataSet: DataSet): HeaderValue[] {
  const values: HeaderValue[] = [];
  for (const { element, within } of dataSet.everything()) {
    if (!isNaming(element)) continue;
    const raw = within.bytes.subarray(
      element.dataOffset,
      element.dataOffset + Math.min(element.length, MAX_BYTES),
    );
    const tag = shownTag(element.tag as Tag);
    for (const bytes of parts(Buffer.from(raw), element.vr)) values.push({ tag, bytes });
  }
  return values;
}

function isNaming({ tag, vr, items, length, hadUndefinedLength }: Element): boolean {
  if (items !== undefined || hadUndefinedLength === true || length === 0) return false;
  if (PIXEL_GROUPS.test(tag) || tag === 'x00020010') return false;
  // Private elements may hold anything in any representation; those of implicit files have none.
  if (vr === undefined) return !CODES.has(tag);
  return dicomParser.isPrivateTag(tag) || NAMING.has(vr);
}

/** Values of a list, and the components of a person's name, each by itself. */
function parts(raw: Buffer, vr: string | undefined): Buffer[] {
  const text = raw.toString('latin1').replace(/[\0 ]+$/, '');
  if (!TEXT.test(text)) return [];
  const listed = vr === 'LT' || vr === 'ST' || vr === 'UT' ? [text] : text.split('\\');
  const found = vr === 'PN' ? listed.flatMap((name) => [name, ...name.split(/[\^= ]/)]) : listed;
  return found
    .map((value) => value.trim())
    .filter((value) => value.length >= MIN_BYTES && !STANDARD_UID.test(value) && !isNumber(value, vr))
    .map((value) => Buffer.from(value, 'latin1'));
}

/** Numbers of elements without a representation; a number in a text element is somebody's number. */
function isNumber(value: string, vr: string | undefined): boolean {
  return (vr === undefined || vr === 'UN') && /^[-+.\dEe ]{1,8}$/.test(value);
}

function shownTag(tag: Tag): string {
  return `(${tag.slice(1, 5)},${tag.slice(5)})`;
}
