import { encodeElements, type DicomItem } from './encode-elements.js';

/** Of this program; under 2.25, from a random UUID. */
const IMPLEMENTATION_CLASS = '2.25.108116944308252922696581698506123202';
const IMPLEMENTATION_VERSION = 'FEDOXNET_1';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const PREAMBLE = 128;

/** What a file says of the object in it before the object begins. */
export interface ObjectIdentity {
  readonly sopClass: string;
  readonly sopInstance: string;
}

/** A DICOM object as a file (PS3.10, 7.1) in Explicit VR Little Endian. @param characterSet as for `encodeElements` */
export function dicomFile(
  { sopClass, sopInstance }: ObjectIdentity,
  elements: DicomItem,
  characterSet: string | null,
): Buffer {
  const meta = encodeElements(
    [
      ['x00020001', 'OB', Uint8Array.of(0, 1)],
      ['x00020002', 'UI', sopClass],
      ['x00020003', 'UI', sopInstance],
      ['x00020010', 'UI', EXPLICIT_LITTLE_ENDIAN],
      ['x00020012', 'UI', IMPLEMENTATION_CLASS],
      ['x00020013', 'SH', IMPLEMENTATION_VERSION],
    ],
    null,
  );
  return Buffer.concat([
    Buffer.alloc(PREAMBLE),
    Buffer.from('DICM'),
    encodeElements([['x00020000', 'UL', meta.length]], null),
    meta,
    encodeElements(elements, characterSet),
  ]);
}
