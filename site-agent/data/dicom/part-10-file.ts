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
  const meta = Buffer.concat([
    longElement(0x0001, Buffer.from([0, 1])),
    uidElement(0x0002, sopClass),
    uidElement(0x0003, sopInstance),
    uidElement(0x0010, transferSyntax),
    uidElement(0x0012, IMPLEMENTATION_CLASS),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(meta.length);
  return Buffer.concat([
    Buffer.alloc(PREAMBLE),
    Buffer.from('DICM'),
    element(0x0000, 'UL', length),
    meta,
    dataSet,
  ]);
}

function uidElement(number: number, uid: string): Buffer {
  return element(number, 'UI', Buffer.from(uid.length % 2 === 0 ? uid : `${uid}\0`, 'latin1'));
}

function element(number: number, vr: string, value: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

/** OB has a length of four bytes. */
function longElement(number: number, value: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16LE(0x0002, 0);
  head.writeUInt16LE(number, 2);
  head.write('OB', 4, 'latin1');
  head.writeUInt32LE(value.length, 8);
  return Buffer.concat([head, value]);
}
