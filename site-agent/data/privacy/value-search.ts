import type { HeaderValue } from './header-values.js';

/** Shorter values are found by chance among numbers: there they do not count, and in text only as whole words. */
const CERTAIN_BYTES = 6;
/** A number of so many digits is no part of another number by chance. */
const CERTAIN_DIGITS = 10;
/** A short value lies in text when so many bytes on either side do. */
const CONTEXT_BYTES = 12;
/** Every value that is searched for has as many bytes. */
const START_BYTES = 3;

/** A value that was found, by its tag, and in which spelling. */
export interface Sighting {
  readonly tag: string;
  readonly view: string;
}

interface Needle extends Sighting {
  readonly bytes: Buffer;
  readonly rule: 'anywhere' | 'word' | 'word-of-text';
}

/**
 * Looks for many values in one pass: as they lie in the header, in UTF-8, Latin-1 and UTF-16, in capitals and small
 * letters, as JSON writes them, in hexadecimal, in base64 in each alignment, and dates also as 2020-01-31.
 */
export class ValueSearch {
  private readonly byStart = new Map<number, Needle[]>();
  /** One bit per start that some needle has: most places end here. */
  private readonly starts = new Uint8Array(2 ** 21);
  /** The longest needle: pieces of a file must overlap by as much. */
  readonly longest: number;

  constructor(values: Iterable<HeaderValue>) {
    const seen = new Set<string>();
    let longest = 0;
    for (const value of values) {
      for (const needle of spellings(value)) {
        const key = needle.bytes.toString('latin1');
        if (needle.bytes.length < START_BYTES || seen.has(key)) continue;
        seen.add(key);
        longest = Math.max(longest, needle.bytes.length);
        const start = needle.bytes.readUIntBE(0, START_BYTES);
        this.starts[start >> 3] = (this.starts[start >> 3] as number) | (1 << (start & 7));
        const list = this.byStart.get(start);
        if (list === undefined) this.byStart.set(start, [needle]);
        else list.push(needle);
      }
    }
    this.longest = longest;
  }

  /** @returns each value that is in `bytes`, once per spelling */
  find(bytes: Buffer): Sighting[] {
    const found = new Map<string, Sighting>();
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      start = ((start << 8) | (bytes[at] as number)) & 0xffffff;
      if (((this.starts[start >> 3] as number) & (1 << (start & 7))) === 0) continue;
      const from = at - START_BYTES + 1;
      if (from < 0) continue;
      for (const needle of this.byStart.get(start) ?? []) {
        if (!isAt(bytes, from, needle.bytes) || !mayCount(bytes, from, needle)) continue;
        found.set(`${needle.tag} ${needle.view}`, { tag: needle.tag, view: needle.view });
      }
    }
    return [...found.values()];
  }
}

function isAt(bytes: Buffer, from: number, needle: Buffer): boolean {
  return (
    from + needle.length <= bytes.length &&
    bytes.compare(needle, 0, needle.length, from, from + needle.length) === 0
  );
}

function mayCount(bytes: Buffer, from: number, { bytes: needle, rule }: Needle): boolean {
  if (rule === 'anywhere') return true;
  const to = from + needle.length;
  if (!isText(bytes, from - CONTEXT_BYTES, to + CONTEXT_BYTES)) return rule === 'word';
  return !isWordByte(bytes[from - 1]) && !isWordByte(bytes[to]);
}

function isText(bytes: Buffer, from: number, to: number): boolean {
  for (let at = Math.max(0, from); at < Math.min(bytes.length, to); at++) {
    const byte = bytes[at] as number;
    if (byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13)) return false;
  }
  return true;
}

function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128
  );
}

function spellings({ tag, bytes }: HeaderValue): Needle[] {
  const utf8 = bytes.toString('utf8');
  const text = utf8.includes('\ufffd') ? bytes.toString('latin1') : utf8;
  const short = bytes.length < CERTAIN_BYTES;
  const rule = short
    ? 'word-of-text'
    : bytes.length < CERTAIN_DIGITS && /^\d+$/.test(text)
      ? 'word'
      : 'anywhere';
  const views: [string, Buffer][] = [
    ['bytes', bytes],
    ['UTF-8', Buffer.from(text, 'utf8')],
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['JSON', Buffer.from(JSON.stringify(text).slice(1, -1))],
    ['capitals', Buffer.from(text.toUpperCase(), 'utf8')],
    ['small letters', Buffer.from(text.toLowerCase(), 'utf8')],
  ];
  const [date, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  if (date !== undefined) views.push(['a date', Buffer.from(`${year}-${month}-${day}`)]);
  if (!short) {
    views.push(['UTF-16', Buffer.from(text, 'utf16le')], ['hexadecimal', Buffer.from(bytes.toString('hex'))]);
    for (const shift of [0, 1, 2]) views.push(['base64', base64Core(bytes, shift)]);
  }
  return views.map(([view, needle]) => ({ tag, view, bytes: needle, rule }));
}

/** The digits of base64 that do not depend on what stands before or after the value. */
function base64Core(bytes: Buffer, shift: number): Buffer {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  return Buffer.from(whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
}
