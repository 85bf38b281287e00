import { DicomRefusal } from '../dicom-refusal.js';
import { buildHuffmanTable, type HuffmanTable } from './huffman.js';

/** One-component JPEG up to its entropy-coded data: what the two decoders here need (ITU T.81 annex B). */
export interface JpegFrame {
  /** Of the frame marker SOFn: 0 baseline, 1 extended, 3 lossless, … */
  readonly process: number;
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  /** [64] in zigzag order, of the first component; null when the file brings none. */
  readonly quantisation: Uint16Array | null;
  readonly dc: HuffmanTable | null;
  readonly ac: HuffmanTable | null;
  /** Ss: the predictor of a lossless scan. */
  readonly selection: number;
  /** Al: the point transform of a lossless scan. */
  readonly pointTransform: number;
  /** Units between two restart markers; 0 without any. */
  readonly restartInterval: number;
  /** Entropy-coded bytes, one stretch per restart interval, byte stuffing removed. */
  readonly stretches: readonly Uint8Array[];
}

/** Up to the frame header alone: enough to choose the decoder. */
export type JpegKind = Pick<JpegFrame, 'process' | 'precision' | 'rows' | 'columns' | 'components'>;

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DHT = 0xc4;
const DRI = 0xdd;
const DAC = 0xcc;
const JPG = 0xc8;

interface Segment {
  readonly marker: number;
  /** Without marker and length. */
  readonly body: Uint8Array;
  /** Where the next segment begins. */
  readonly end: number;
}

/** @throws {DicomRefusal} when the bytes have no readable frame header */
export function readJpegKind(bytes: Uint8Array): JpegKind {
  for (const { marker, body } of segments(bytes)) if (isFrame(marker)) return readKind(marker, body);
  throw new DicomRefusal('The pixels are not a JPEG image.');
}

/** @throws {DicomRefusal} for a stream that is damaged, or whose first scan is not of one component */
export function readJpegFrame(bytes: Uint8Array): JpegFrame {
  let kind: (JpegKind & { table: number }) | null = null;
  let restartInterval = 0;
  const quantisation = new Map<number, Uint16Array>();
  const huffman = new Map<number, HuffmanTable>();
  for (const { marker, body, end } of segments(bytes)) {
    if (marker === DQT) readQuantisation(body, quantisation);
    else if (marker === DHT) readHuffman(body, huffman);
    else if (marker === DRI) restartInterval = word(body, 0);
    else if (isFrame(marker)) kind = { ...readKind(marker, body), table: body[8] ?? 0 };
    else if (marker === SOS) {
      if (kind === null || body[0] !== 1 || body.length < 6)
        throw new DicomRefusal('The JPEG scan is not of one grey component.');
      const [tables, selection, approximation] = [body[2] ?? 0, body[3] ?? 0, body[5] ?? 0];
      return {
        ...kind,
        quantisation: quantisation.get(kind.table) ?? null,
        dc: huffman.get(tables >> 4) ?? null,
        ac: huffman.get(0x10 | (tables & 15)) ?? null,
        selection,
        pointTransform: approximation & 15,
        restartInterval,
        stretches: readStretches(bytes, end),
      };
    }
  }
  throw new DicomRefusal('The JPEG image has no scan.');
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== JPG && marker !== DAC;
}

function* segments(bytes: Uint8Array): Generator<Segment> {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw new DicomRefusal('The pixels are not a JPEG image.');
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw new DicomRefusal('The JPEG header is damaged.');
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (marker === EOI) return;
    const end = at + 2 + word(bytes, at + 2);
    if (end < at + 4 || end > bytes.length) throw new DicomRefusal('The JPEG header is damaged.');
    yield { marker, body: bytes.subarray(at + 4, end), end };
    at = end;
  }
}

function readKind(marker: number, body: Uint8Array): JpegKind {
  if (body.length < 9) throw new DicomRefusal('The JPEG header is damaged.');
  return {
    process: marker - 0xc0,
    precision: body[0] as number,
    rows: word(body, 1),
    columns: word(body, 3),
    components: body[5] as number,
  };
}

/** B.2.4.1: tables of 8 or 16 bits. */
function readQuantisation(body: Uint8Array, tables: Map<number, Uint16Array>): void {
  for (let at = 0; at < body.length;) {
    const head = body[at++] as number;
    const wide = head >> 4 !== 0;
    if (at + (wide ? 128 : 64) > body.length) throw new DicomRefusal('A JPEG quantisation table ends early.');
    const table = Uint16Array.from({ length: 64 }, (_, i) =>
      wide ? word(body, at + 2 * i) : (body[at + i] as number),
    );
    tables.set(head & 15, table);
    at += wide ? 128 : 64;
  }
}

/** B.2.4.2: class (0 DC or lossless, 1 AC) and number, 16 counts by length, the symbols. */
function readHuffman(body: Uint8Array, tables: Map<number, HuffmanTable>): void {
  for (let at = 0; at + 17 <= body.length;) {
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (at + 17 + total > body.length) throw new DicomRefusal('A JPEG Huffman table ends early.');
    tables.set(body[at] as number, buildHuffmanTable(counts, body.subarray(at + 17, at + 17 + total)));
    at += 17 + total;
  }
}

/** Cuts at restart markers and undoes byte stuffing (FF 00 stands for FF). */
function readStretches(bytes: Uint8Array, start: number): Uint8Array[] {
  const stretches: Uint8Array[] = [];
  const clean = new Uint8Array(bytes.length - start);
  let [from, to] = [0, 0];
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte !== 0xff) {
      clean[to++] = byte;
      continue;
    }
    const next = bytes[at + 1];
    if (next === 0xff) continue; // fill byte
    at++;
    if (next === 0) clean[to++] = 0xff;
    else if (next !== undefined && next >= 0xd0 && next <= 0xd7) {
      stretches.push(clean.subarray(from, to));
      from = to;
    } else break; // end of image, or of the data
  }
  return [...stretches, clean.subarray(from, to)];
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
