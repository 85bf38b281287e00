import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet as ParsedDataSet, type Element } from 'dicom-parser';
import { DicomRefusal } from './dicom-refusal.js';
import { transferSyntax, type TransferSyntax } from './transfer-syntax.js';

/** A deflated header and its pixels may not grow beyond this. */
const MAX_INFLATED = 256 * 1024 * 1024;
/** Group and element as dicom-parser writes them: `x00280010`. */
export type Tag = `x${string}`;

/**
 * The elements of one DICOM file, or of one item of a sequence in it. A missing, empty or malformed value reads as null:
 * what to do without it is for the reader of that module of the standard to say.
 */
export class DataSet {
  constructor(private readonly parsed: ParsedDataSet) {}

  get bytes(): Uint8Array {
    return this.parsed.byteArray;
  }

  element(tag: Tag): Element | null {
    return this.parsed.elements[tag] ?? null;
  }

  /** All values of a text element, blanks around them removed. */
  strings(tag: Tag): string[] {
    const element = this.element(tag);
    if (element === null || element.length === 0 || element.items !== undefined) return [];
    const text = orNull(() => this.parsed.string(tag)) ?? '';
    return text.split('\\').map((value) => value.replace(/[\0 ]+$/, '').trim());
  }

  /** The first value of a text element. */
  string(tag: Tag): string | null {
    const [first = ''] = this.strings(tag);
    return first === '' ? null : first;
  }

  /** Decimal or integer strings (DS, IS), as far as they are numbers. */
  decimals(tag: Tag): number[] {
    return this.strings(tag).map((text) => (text === '' ? NaN : Number(text)));
  }

  decimal(tag: Tag): number | null {
    const value = this.decimals(tag)[0];
    return value !== undefined && Number.isFinite(value) ? value : null;
  }

  /** US. */
  uint16(tag: Tag, index = 0): number | null {
    return this.fits(tag, index) ? orNull(() => this.parsed.uint16(tag, index)) : null;
  }

  /** SS, or US in files whose VR does not say which. */
  int16(tag: Tag, index = 0): number | null {
    return this.fits(tag, index) ? orNull(() => this.parsed.int16(tag, index)) : null;
  }

  /** Items of a sequence. */
  items(tag: Tag): DataSet[] {
    const items = this.element(tag)?.items ?? [];
    return items.flatMap(({ dataSet }) => (dataSet === undefined ? [] : [new DataSet(dataSet)]));
  }

  /** Every element, with those inside sequences. */
  *everything(): Generator<{ readonly element: Element; readonly within: DataSet }> {
    for (const element of Object.values(this.parsed.elements)) {
      yield { element, within: this };
      for (const item of this.items(element.tag as Tag)) yield* item.everything();
    }
  }

  private fits(tag: Tag, index: number): boolean {
    const element = this.element(tag);
    return element !== null && element.length >= 2 * (index + 1);
  }
}

/** The parser throws at values that lie outside the file. */
function orNull<T>(read: () => T | undefined): T | null {
  try {
    return read() ?? null;
  } catch {
    return null;
  }
}

export interface DicomFile {
  readonly dataSet: DataSet;
  readonly syntax: TransferSyntax;
}

/**
 * Reads the elements of a DICOM file (PS3.10, with preamble and file meta information); pixel data stay where they are.
 * @throws {DicomRefusal} when the bytes are not such a file
 */
export function parseDicomFile(bytes: Uint8Array): DicomFile {
  if (!isDicom(bytes)) throw new DicomRefusal('The file does not begin like a DICOM file.');
  let parsed: ParsedDataSet;
  try {
    parsed = dicomParser.parseDicom(bytes, { inflater });
  } catch (cause) {
    throw new DicomRefusal('The header is damaged.', { cause });
  }
  const dataSet = new DataSet(parsed);
  const uid = dataSet.string('x00020010');
  if (uid === null) throw new DicomRefusal('The header names no transfer syntax.');
  return { dataSet, syntax: transferSyntax(uid) };
}

/** True when the bytes carry the preamble of PS3.10. */
export function isDicom(bytes: Uint8Array): boolean {
  return (
    bytes.length > 132 && Buffer.from(bytes.buffer, bytes.byteOffset + 128, 4).toString('latin1') === 'DICM'
  );
}

/** The data set of a deflated file: its meta information as it is, the rest inflated. */
function inflater(bytes: Uint8Array, position: number): Uint8Array {
  const rest = inflateRawSync(bytes.subarray(position), { maxOutputLength: MAX_INFLATED });
  return Buffer.concat([bytes.subarray(0, position), rest]);
}
