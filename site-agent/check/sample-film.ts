import { deflateRawSync } from 'node:zlib';
import { part10File } from '../data/dicom/part-10-file.js';
import { CODED_SAMPLES, SAMPLE_BITS, SAMPLE_SIDE, sampleValue } from './syntax-samples.js';

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const IMPLICIT = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
/** Item, and the end of a sequence of them (PS3.5, A.4). */
const ITEM = [0xfffe, 0xe000] as const;
const SEQUENCE_END = [0xfffe, 0xe0dd] as const;

/** Bits of the sample in a syntax. */
export function sampleBits(syntax: string): 8 | typeof SAMPLE_BITS {
  return syntax === JPEG_BASELINE ? 8 : SAMPLE_BITS;
}

/**
 * The sample as a DICOM file in a transfer syntax: with the frame that other programs coded, or uncompressed as the syntax
 * has it.
 */
export function sampleFilm(syntax: string): Buffer {
  const header = new ElementWriter(syntax === BIG_ENDIAN, syntax === IMPLICIT);
  const bits = sampleBits(syntax);
  header.number(0x0028, 0x0002, 1); // samples per pixel
  header.text(0x0028, 0x0004, 'CS', 'MONOCHROME2');
  header.number(0x0028, 0x0010, SAMPLE_SIDE);
  header.number(0x0028, 0x0011, SAMPLE_SIDE);
  header.number(0x0028, 0x0100, bits === 8 ? 8 : 16);
  header.number(0x0028, 0x0101, bits);
  header.number(0x0028, 0x0102, bits - 1);
  header.number(0x0028, 0x0103, 0);
  const coded = CODED_SAMPLES.get(syntax);
  if (coded === undefined) header.pixels(uncompressed(syntax === BIG_ENDIAN));
  else header.fragments(Buffer.from(coded.frame, 'base64'));
  const body = syntax === DEFLATED ? deflateRawSync(header.bytes) : header.bytes;
  return part10File({ sopClass: SECONDARY_CAPTURE, sopInstance: '2.25.1', transferSyntax: syntax }, body);
}

function uncompressed(bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(2 * SAMPLE_SIDE * SAMPLE_SIDE);
  for (let y = 0; y < SAMPLE_SIDE; y++)
    for (let x = 0; x < SAMPLE_SIDE; x++) {
      const at = 2 * (y * SAMPLE_SIDE + x);
      if (bigEndian) bytes.writeUInt16BE(sampleValue(x, y), at);
      else bytes.writeUInt16LE(sampleValue(x, y), at);
    }
  return bytes;
}

/** Elements of a data set one after the other, in one of the three ways to write them (PS3.5, 7.1). */
class ElementWriter {
  private readonly parts: Buffer[] = [];

  constructor(
    private readonly bigEndian: boolean,
    private readonly implicit: boolean,
  ) {}

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  text(group: number, element: number, vr: 'CS', value: string): void {
    this.element(group, element, vr, Buffer.from(value.length % 2 === 0 ? value : `${value} `, 'latin1'));
  }

  number(group: number, element: number, value: number): void {
    this.element(group, element, 'US', this.uint16(value));
  }

  pixels(value: Buffer): void {
    this.parts.push(this.head(0x7fe0, 0x0010, 'OW', value.length), value);
  }

  /** One frame in one fragment, after an empty table of offsets. */
  fragments(frame: Buffer): void {
    const even = frame.length % 2 === 0 ? frame : Buffer.concat([frame, Buffer.alloc(1)]);
    const item = ([group, element]: readonly [number, number], length: number): Buffer =>
      Buffer.concat([this.uint16(group), this.uint16(element), this.uint32(length)]);
    this.parts.push(this.head(0x7fe0, 0x0010, 'OB', 0xffffffff), item(ITEM, 0), item(ITEM, even.length));
    this.parts.push(even, item(SEQUENCE_END, 0));
  }

  private element(group: number, element: number, vr: string, value: Buffer): void {
    this.parts.push(this.head(group, element, vr, value.length), value);
  }

  private head(group: number, element: number, vr: string, length: number): Buffer {
    const tag = [this.uint16(group), this.uint16(element)];
    if (this.implicit) return Buffer.concat([...tag, this.uint32(length)]);
    const isLong = vr === 'OB' || vr === 'OW';
    const size = isLong ? [Buffer.alloc(2), this.uint32(length)] : [this.uint16(length)];
    return Buffer.concat([...tag, Buffer.from(vr, 'latin1'), ...size]);
  }

  private uint16(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    if (this.bigEndian) bytes.writeUInt16BE(value);
    else bytes.writeUInt16LE(value);
    return bytes;
  }

  private uint32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.bigEndian) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  }
}
