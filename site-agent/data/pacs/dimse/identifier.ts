import { parseDicomFile, type DataSet } from '../../dicom/data-set.js';
import { part10File } from '../../dicom/part-10-file.js';
import { IMPLICIT_LITTLE_ENDIAN } from './uids.js';

/** Keys of a query, tag (eight hexadecimal digits) → VR and value; an empty value asks for the attribute. */
export type Identifier = Readonly<Record<string, readonly [vr: 'UI' | 'CS' | 'DA', value: string]>>;

/** In Implicit or Explicit VR Little Endian, elements ascending. */
export function encodeIdentifier(identifier: Identifier, transferSyntax: string): Buffer {
  const isImplicit = transferSyntax === IMPLICIT_LITTLE_ENDIAN;
  const elements = Object.entries(identifier).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(
    elements.flatMap(([tag, [vr, value]]) => {
      const pad = vr === 'UI' ? '\0' : ' ';
      const bytes = Buffer.from(value.length % 2 === 0 ? value : `${value}${pad}`, 'latin1');
      const head = Buffer.alloc(8);
      head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
      head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
      if (isImplicit) head.writeUInt32LE(bytes.length, 4);
      else {
        head.write(vr, 4, 'latin1');
        head.writeUInt16LE(bytes.length, 6);
      }
      return [head, bytes];
    }),
  );
}

/** @throws {DicomRefusal} when the bytes are no data set */
export function decodeIdentifier(bytes: Buffer, transferSyntax: string): DataSet {
  return parseDicomFile(part10File({ sopClass: '', sopInstance: '', transferSyntax }, bytes)).dataSet;
}
