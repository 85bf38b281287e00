import { maskedCrc32c } from './crc32c.js';

/** One number of one tag at one step. */
export interface Scalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
}

/**
 * A TensorBoard event file: TFRecords, each a length, its masked CRC, the bytes and theirs; the bytes are an `Event` of
 * tensorflow/core/util/event.proto, of which scalars need six fields.
 * @param seconds since 1970, of every event
 */
export function eventFile(scalars: readonly Scalar[], seconds: number): Buffer {
  const version = event(seconds, 0, bytesField(3, Buffer.from('brain.Event:2')));
  const values = scalars.map(({ tag, step, value }) => {
    const entry = Buffer.concat([bytesField(1, Buffer.from(tag)), floatField(2, value)]);
    return event(seconds, step, bytesField(5, bytesField(1, entry)));
  });
  return Buffer.concat([version, ...values].map(tfRecord));
}

/** The name that TensorBoard looks for. */
export function eventFileName(seconds: number, host: string): string {
  return `events.out.tfevents.${String(Math.floor(seconds)).padStart(10, '0')}.${host}`;
}

/** wall_time (1, double), step (2, int64) and `what`. */
function event(seconds: number, step: number, what: Buffer): Buffer {
  const time = Buffer.alloc(9);
  time[0] = key(1, FIXED_64);
  time.writeDoubleLE(seconds, 1);
  return Buffer.concat([time, Buffer.of(key(2, VARINT)), varint(step), what]);
}

function tfRecord(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, checksum(length), data, checksum(data)]);
}

function checksum(bytes: Uint8Array): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(maskedCrc32c(bytes));
  return crc;
}

/** Wire types of protocol buffers. */
const [VARINT, FIXED_64, LENGTH, FIXED_32] = [0, 1, 2, 5] as const;

/** Of fields below 16. */
function key(field: number, wireType: number): number {
  return (field << 3) | wireType;
}

function bytesField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(key(field, LENGTH)), varint(bytes.length), bytes]);
}

function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = key(field, FIXED_32);
  bytes.writeFloatLE(value, 1);
  return bytes;
}

/** @param value a whole number from 0 to 2³² − 1 */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
