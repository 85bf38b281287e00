import { PduInvalid } from './pdu.js';

/** The fields of a DIMSE message (PS3.7, annex E) that are used here. */
export interface Command {
  readonly field: number;
  readonly sopClass?: string;
  readonly sopInstance?: string;
  readonly messageId?: number;
  /** Of a response. */
  readonly respondsTo?: number;
  readonly moveDestination?: string;
  readonly priority?: number;
  readonly status?: number;
  readonly errorComment?: string;
  readonly remaining?: number;
  readonly completed?: number;
  readonly failed?: number;
}

export const COMMAND = {
  storeRequest: 0x0001,
  storeResponse: 0x8001,
  getRequest: 0x0010,
  getResponse: 0x8010,
  findRequest: 0x0020,
  findResponse: 0x8020,
  moveRequest: 0x0021,
  moveResponse: 0x8021,
  echoRequest: 0x0030,
  echoResponse: 0x8030,
  cancelRequest: 0x0fff,
} as const;

/** The lowest: what people wait for goes first. */
export const LOW_PRIORITY = 2;

const NO_DATA_SET = 0x0101;
const HAS_DATA_SET = 0x0001;
const GROUP_LENGTH = 0x0000;
const DATA_SET_TYPE = 0x0800;

/** Element numbers in group 0000, and how their values are written. */
const ELEMENTS: Readonly<Record<keyof Command, readonly [element: number, form: 'number' | 'uid' | 'text']>> =
  {
    sopClass: [0x0002, 'uid'],
    field: [0x0100, 'number'],
    messageId: [0x0110, 'number'],
    respondsTo: [0x0120, 'number'],
    moveDestination: [0x0600, 'text'],
    priority: [0x0700, 'number'],
    status: [0x0900, 'number'],
    errorComment: [0x0902, 'text'],
    sopInstance: [0x1000, 'uid'],
    remaining: [0x1020, 'number'],
    completed: [0x1021, 'number'],
    failed: [0x1022, 'number'],
  };
const byElement = new Map(
  Object.entries(ELEMENTS).map(([name, [element, form]]) => [element, { name, form }] as const),
);

/** Implicit VR Little Endian, elements ascending, the group's length first (PS3.7, 6.3.1). */
export function encodeCommand(command: Command, hasDataSet: boolean): Buffer {
  const values = Object.entries(command).map(([name, value]) => {
    const [element, form] = ELEMENTS[name as keyof Command];
    return { element, bytes: encodeValue(value as string | number, form) };
  });
  values.push({ element: DATA_SET_TYPE, bytes: uint16(hasDataSet ? HAS_DATA_SET : NO_DATA_SET) });
  values.sort((a, b) => a.element - b.element);
  const body = Buffer.concat(values.map(({ element, bytes }) => encodeElement(element, bytes)));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([encodeElement(GROUP_LENGTH, length), body]);
}

/** @throws {PduInvalid} for what is no command set */
export function decodeCommand(bytes: Buffer): { command: Command; hasDataSet: boolean } {
  const found: Record<string, string | number> = {};
  let dataSetType = NO_DATA_SET;
  for (let at = 0; at < bytes.length;) {
    const start = at + 8;
    if (start > bytes.length) throw new PduInvalid('a command is cut short');
    const [group, element] = [bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2)];
    const end = start + bytes.readUInt32LE(at + 4);
    if (group !== 0 || end > bytes.length) throw new PduInvalid('a command is damaged');
    const value = bytes.subarray(start, end);
    const known = byElement.get(element);
    if (element === DATA_SET_TYPE && value.length >= 2) dataSetType = value.readUInt16LE(0);
    else if (known?.form === 'number' && value.length >= 2) found[known.name] = value.readUInt16LE(0);
    else if (known !== undefined && known.form !== 'number')
      found[known.name] = value.toString('latin1').replace(/[\0 ]+$/, '');
    at = end;
  }
  if (typeof found['field'] !== 'number') throw new PduInvalid('a command does not say which it is');
  return { command: found as unknown as Command, hasDataSet: dataSetType !== NO_DATA_SET };
}

function encodeValue(value: string | number, form: 'number' | 'uid' | 'text'): Buffer {
  if (typeof value === 'number') return uint16(value);
  const text = value.length % 2 === 0 ? value : `${value}${form === 'uid' ? '\0' : ' '}`;
  return Buffer.from(text, 'latin1');
}

function encodeElement(element: number, value: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(element, 2);
  head.writeUInt32LE(value.byteLength, 4);
  return Buffer.concat([head, value]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
