import { DicomRefusal } from '../dicom-refusal.js';

/**
 * A Huffman code of at most 16 bits as one look-up: entry = length << 8 | symbol for the next 16 bits of the stream;
 * 0 where no code begins like them.
 */
export type HuffmanTable = Uint16Array;

/**
 * ITU T.81 annex C: codes of one length are consecutive numbers.
 * @param counts  [16] codes of length 1 … 16
 * @param symbols in the order of their codes
 */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(65_536);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < (counts[length - 1] as number); i++) {
      const first = code << (16 - length);
      const last = (code + 1) << (16 - length);
      if (last > table.length) throw new DicomRefusal('A JPEG Huffman table has too many codes.');
      table.fill((length << 8) | (symbols[next++] as number), first, last);
      code++;
    }
    code <<= 1;
  }
  return table;
}

/** Reads bits from the left; past the end come zeros, for as long as a code may look ahead. */
export class BitReader {
  private position = 0;
  private readonly end: number;

  constructor(private readonly bytes: Uint8Array) {
    this.end = bytes.length * 8;
  }

  /** The next symbol. @throws {DicomRefusal} at the end, or where no code fits */
  symbol(table: HuffmanTable): number {
    const entry = table[this.peek16()] as number;
    this.position += entry >> 8;
    if (entry === 0 || this.position > this.end) throw new DicomRefusal('The JPEG data are damaged.');
    return entry & 255;
  }

  /** The signed difference of `size` bits, 0 … 16, that follows its category (T.81 F.2.2.1, EXTEND). */
  difference(size: number): number {
    if (size === 0) return 0;
    const value = this.peek16() >> (16 - size);
    this.position += size;
    if (this.position > this.end) throw new DicomRefusal('The JPEG data end early.');
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  private peek16(): number {
    const { bytes, position } = this;
    const at = position >> 3;
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    return (three >> (8 - (position & 7))) & 0xffff;
  }
}
