/** Value representations with a length of four bytes after two reserved ones (PS3.5, 7.1.2). */
const LONG: ReadonlySet<string> = new Set(['OB', 'OW', 'SQ', 'UC', 'UR', 'UT']);
const ITEM_HEAD = 8;

/**
 * A data set that `encodeElements` wrote, in Implicit VR Little Endian (PS3.5, 7.1.3): the syntax that every DICOM program
 * must know. Lengths are defined throughout, so nothing needs to be searched for.
 */
export function toImplicit(dataSet: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < dataSet.length;) {
    const vr = dataSet.toString('latin1', at + 4, at + 6);
    const isLong = LONG.has(vr);
    const start = at + (isLong ? 12 : 8);
    const end = start + (isLong ? dataSet.readUInt32LE(at + 8) : dataSet.readUInt16LE(at + 6));
    const value = dataSet.subarray(start, end);
    const written = vr === 'SQ' ? itemsToImplicit(value) : value;
    const head = Buffer.alloc(ITEM_HEAD);
    dataSet.copy(head, 0, at, at + 4);
    head.writeUInt32LE(written.length, 4);
    parts.push(head, written);
    at = end;
  }
  return Buffer.concat(parts);
}

/** Items have heads of one form in all syntaxes. */
function itemsToImplicit(items: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < items.length;) {
    const end = at + ITEM_HEAD + items.readUInt32LE(at + 4);
    const written = toImplicit(items.subarray(at + ITEM_HEAD, end));
    const head = Buffer.from(items.subarray(at, at + ITEM_HEAD));
    head.writeUInt32LE(written.length, 4);
    parts.push(head, written);
    at = end;
  }
  return Buffer.concat(parts);
}
