/** Protocol data units of the DICOM upper layer (PS3.8, 9.3): type, a reserved byte, length, body. */
export const PDU = {
  associateRequest: 1,
  associateAccept: 2,
  associateReject: 3,
  data: 4,
  releaseRequest: 5,
  releaseReply: 6,
  abort: 7,
} as const;

export interface Pdu {
  readonly type: number;
  readonly body: Buffer;
}

/** What breaks the upper layer's rules; at the border of `dimse/` it becomes a `FederationError`. */
export class PduInvalid extends Error {
  override readonly name = 'PduInvalid';
}

const HEAD_BYTES = 6;
/** Longer than any negotiation: 128 contexts of a few hundred bytes. */
const MAX_NEGOTIATION_BYTES = 256 * 1024;

export function encodePdu(type: number, ...body: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(
    body.reduce((sum, { byteLength }) => sum + byteLength, 0),
    2,
  );
  return Buffer.concat([head, ...body]);
}

/**
 * Cuts what comes over a connection into units.
 * @param maxData bytes of a P-DATA body that we said we take
 * @throws {PduInvalid} for a longer unit, or when the connection ends within one
 */
export async function* readPdus(pieces: AsyncIterable<Buffer>, maxData: number): AsyncGenerator<Pdu> {
  let waiting: Buffer[] = [];
  let length = 0;
  let wanted = HEAD_BYTES;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < wanted) continue;
    let buffer = waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
    for (;;) {
      wanted = HEAD_BYTES;
      if (buffer.length < wanted) break;
      const type = buffer.readUInt8(0);
      const bytes = buffer.readUInt32BE(2);
      const limit = type === PDU.data ? maxData : MAX_NEGOTIATION_BYTES;
      if (bytes > limit) throw new PduInvalid(`a unit of type ${type} has ${bytes} bytes`);
      wanted = HEAD_BYTES + bytes;
      if (buffer.length < wanted) break;
      yield { type, body: buffer.subarray(HEAD_BYTES, wanted) };
      buffer = buffer.subarray(wanted);
    }
    waiting = buffer.length === 0 ? [] : [buffer];
    length = buffer.length;
  }
  if (length > 0) throw new PduInvalid('the connection ended within a unit');
}

/** A piece of a message: of its command set or of its data set. */
export interface Fragment {
  readonly context: number;
  readonly isCommand: boolean;
  readonly isLast: boolean;
  readonly value: Uint8Array;
}

const FRAGMENT_HEAD = 6;

/** @param maxBody bytes of one unit that the other side takes */
export function* encodeFragments(
  context: number,
  isCommand: boolean,
  bytes: Uint8Array,
  maxBody: number,
): Generator<Buffer> {
  const step = maxBody - FRAGMENT_HEAD;
  for (let at = 0; at === 0 || at < bytes.length; at += step) {
    const value = bytes.subarray(at, at + step);
    const head = Buffer.alloc(FRAGMENT_HEAD);
    head.writeUInt32BE(value.length + 2, 0);
    head.writeUInt8(context, 4);
    head.writeUInt8((isCommand ? 1 : 0) | (at + step >= bytes.length ? 2 : 0), 5);
    yield encodePdu(PDU.data, head, value);
  }
}

/** @throws {PduInvalid} when a length leads out of the unit */
export function* decodeFragments(body: Buffer): Generator<Fragment> {
  for (let at = 0; at < body.length;) {
    if (at + FRAGMENT_HEAD > body.length) throw new PduInvalid('a fragment has no whole head');
    const length = body.readUInt32BE(at);
    const end = at + 4 + length;
    if (length < 2 || end > body.length) throw new PduInvalid('a fragment leads out of its unit');
    const control = body.readUInt8(at + 5);
    yield {
      context: body.readUInt8(at + 4),
      isCommand: (control & 1) !== 0,
      isLast: (control & 2) !== 0,
      value: body.subarray(at + FRAGMENT_HEAD, end),
    };
    at = end;
  }
}
