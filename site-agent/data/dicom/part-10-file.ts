import { encodeElements } from './write/encode-elements.js';

/** Of this program; under 2.25, from a random UUID. */
export const IMPLEMENTATION_CLASS = '2.25.108116944308252922696581698506123202';

/** What the file meta information says. */
export interface FileMeta {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
}

const PREAMBLE = 128;

/** A data set, byte for byte, as a file (PS3.10, 7.1). */
export function part10File({ sopClass, sopInstance, transferSyntax }: FileMeta, dataSet: Uint8Array): Buffer {
  const meta = encodeElements(
    [
      ['x00020001', 'OB', Uint8Array.of(0, 1)],
      ['x00020002', 'UI', sopClass],
      ['x00020003', 'UI', sopInstance],
      ['x00020010', 'UI', transferSyntax],
      ['x00020012', 'UI', IMPLEMENTATION_CLASS],
    ],
    null,
  );
  return Buffer.concat([
    Buffer.alloc(PREAMBLE),
    Buffer.from('DICM'),
    encodeElements([['x00020000', 'UL', meta.length]], null),
    meta,
    dataSet,
  ]);
}
