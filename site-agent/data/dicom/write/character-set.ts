const UTF_8 = 'ISO_IR 192';
const LATIN_1 = 'ISO_IR 100';

/**
 * A text of our own as bytes of a character set (PS3.3, C.12.1.1.2). What the set cannot write, or a set other than UTF-8 and
 * Latin-1, gets letters without accents and question marks: ASCII is part of all of them.
 * @param characterSet value of Specific Character Set; null is ASCII
 */
export function encodeText(text: string, characterSet: string | null): Buffer {
  if (characterSet === UTF_8) return Buffer.from(text, 'utf8');
  if (characterSet === LATIN_1 && /^[\n\r -~\xa0-\xff]*$/.test(text)) return Buffer.from(text, 'latin1');
  const plain = text.normalize('NFKD').replace(/\p{Mark}/gu, '');
  return Buffer.from(plain.replace(/[^\n\r -~]/g, '?'), 'latin1');
}

/**
 * The character set of a report that repeats texts of a film byte for byte: the film's own. A film that names none and needs
 * none leaves the choice to us.
 */
export function characterSetFor(filmsOwn: string | null, repeated: readonly Uint8Array[]): string | null {
  if (filmsOwn !== null) return filmsOwn;
  const isAscii = repeated.every((bytes) => bytes.every((byte) => byte < 0x80));
  return isAscii ? UTF_8 : null;
}
