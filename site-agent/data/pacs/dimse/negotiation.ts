import { IMPLEMENTATION_CLASS } from '../../dicom/part-10-file.js';
import { encodePdu, PDU, PduInvalid } from './pdu.js';
import { APPLICATION_CONTEXT, IMPLEMENTATION_VERSION } from './uids.js';

/** What may be spoken of (abstract syntax) and how it may be coded (transfer syntaxes). PS3.8, 7.1.1.13. */
export interface ProposedContext {
  /** Odd, 1 … 255. */
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

export interface AnsweredContext {
  readonly id: number;
  /** 0 is acceptance (PS3.8, table 9-18). */
  readonly result: number;
  readonly transferSyntax: string;
}

export interface AssociateRequest {
  readonly calledAe: string;
  readonly callingAe: string;
  readonly contexts: readonly ProposedContext[];
  /** Bytes of a P-DATA body that the sender takes; 0 is without limit. */
  readonly maxBody: number;
  /** Abstract syntaxes of which the requestor is the provider: a C-GET brings objects over the same association. */
  readonly provides: readonly string[];
}

export interface AssociateAccept {
  readonly contexts: readonly AnsweredContext[];
  readonly maxBody: number;
}

const ITEM = {
  applicationContext: 0x10,
  proposedContext: 0x20,
  answeredContext: 0x21,
  abstractSyntax: 0x30,
  transferSyntax: 0x40,
  userInformation: 0x50,
  maxLength: 0x51,
  implementationClass: 0x52,
  role: 0x54,
  implementationVersion: 0x55,
} as const;
/** Version, both titles, reserved bytes. */
const FIXED_BYTES = 68;

export function encodeAssociateRequest(request: AssociateRequest): Buffer {
  return encodePdu(
    PDU.associateRequest,
    titles(request),
    item(ITEM.applicationContext, ascii(APPLICATION_CONTEXT)),
    ...request.contexts.map(({ id, abstractSyntax, transferSyntaxes }) =>
      item(
        ITEM.proposedContext,
        Buffer.from([id, 0, 0, 0]),
        item(ITEM.abstractSyntax, ascii(abstractSyntax)),
        ...transferSyntaxes.map((uid) => item(ITEM.transferSyntax, ascii(uid))),
      ),
    ),
    userInformation(request.maxBody, request.provides.map(roleItem)),
  );
}

/** @throws {PduInvalid} */
export function decodeAssociateRequest(body: Buffer): AssociateRequest {
  const contexts: ProposedContext[] = [];
  let maxBody = 0;
  for (const { type, value } of items(body, FIXED_BYTES)) {
    if (type === ITEM.userInformation) maxBody = maxLengthOf(value);
    if (type !== ITEM.proposedContext) continue;
    const inner = [...items(value, 4)];
    const texts = (wanted: number): string[] =>
      inner.filter((one) => one.type === wanted).map((one) => text(one.value));
    const [abstractSyntax = ''] = texts(ITEM.abstractSyntax);
    contexts.push({ id: value.readUInt8(0), abstractSyntax, transferSyntaxes: texts(ITEM.transferSyntax) });
  }
  const title = (from: number): string => body.toString('latin1', from, from + 16).trim();
  return { calledAe: title(4), callingAe: title(20), contexts, maxBody, provides: [] };
}

/** @param request that is accepted: its titles are sent back */
export function encodeAssociateAccept(request: AssociateRequest, accept: AssociateAccept): Buffer {
  return encodePdu(
    PDU.associateAccept,
    titles(request),
    item(ITEM.applicationContext, ascii(APPLICATION_CONTEXT)),
    ...accept.contexts.map(({ id, result, transferSyntax }) =>
      item(
        ITEM.answeredContext,
        Buffer.from([id, 0, result, 0]),
        item(ITEM.transferSyntax, ascii(transferSyntax)),
      ),
    ),
    userInformation(accept.maxBody, []),
  );
}

/** @throws {PduInvalid} */
export function decodeAssociateAccept(body: Buffer): AssociateAccept {
  const contexts: AnsweredContext[] = [];
  let maxBody = 0;
  for (const { type, value } of items(body, FIXED_BYTES)) {
    if (type === ITEM.userInformation) maxBody = maxLengthOf(value);
    if (type !== ITEM.answeredContext) continue;
    const syntax = [...items(value, 4)].find((one) => one.type === ITEM.transferSyntax);
    const transferSyntax = syntax === undefined ? '' : text(syntax.value);
    contexts.push({ id: value.readUInt8(0), result: value.readUInt8(2), transferSyntax });
  }
  return { contexts, maxBody };
}

/** Why an association is refused (PS3.8, table 9-21). */
export interface Rejection {
  /** 1 permanent, 2 transient. */
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}

export const NOT_RECOGNISED = {
  callingAe: { result: 1, source: 1, reason: 3 },
  calledAe: { result: 1, source: 1, reason: 7 },
} as const satisfies Record<string, Rejection>;

export function encodeAssociateReject({ result, source, reason }: Rejection): Buffer {
  return encodePdu(PDU.associateReject, Buffer.from([0, result, source, reason]));
}

export function decodeAssociateReject(body: Buffer): Rejection {
  if (body.length < 4) throw new PduInvalid('a rejection has no reason');
  return { result: body.readUInt8(1), source: body.readUInt8(2), reason: body.readUInt8(3) };
}

function titles({ calledAe, callingAe }: Pick<AssociateRequest, 'calledAe' | 'callingAe'>): Buffer {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt16BE(1, 0); // protocol version
  fixed.write(calledAe.padEnd(16), 4, 16, 'latin1');
  fixed.write(callingAe.padEnd(16), 20, 16, 'latin1');
  return fixed;
}

function userInformation(maxBody: number, roles: readonly Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(maxBody);
  return item(
    ITEM.userInformation,
    item(ITEM.maxLength, length),
    item(ITEM.implementationClass, ascii(IMPLEMENTATION_CLASS)),
    ...roles,
    item(ITEM.implementationVersion, ascii(IMPLEMENTATION_VERSION)),
  );
}

/** We are no user of this service but its provider (PS3.7, D.3.3.4). */
function roleItem(uid: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(uid.length);
  return item(ITEM.role, length, ascii(uid), Buffer.from([0, 1]));
}

function maxLengthOf(userInformation: Buffer): number {
  for (const { type, value } of items(userInformation, 0))
    if (type === ITEM.maxLength && value.length === 4) return value.readUInt32BE(0);
  return 0;
}

function item(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(
    parts.reduce((sum, { byteLength }) => sum + byteLength, 0),
    2,
  );
  return Buffer.concat([head, ...parts]);
}

function* items(body: Buffer, from: number): Generator<{ type: number; value: Buffer }> {
  if (body.length < from) throw new PduInvalid('a negotiation is cut short');
  for (let at = from; at < body.length;) {
    const end = at + 4 > body.length ? Infinity : at + 4 + body.readUInt16BE(at + 2);
    if (end > body.length) throw new PduInvalid('an item of a negotiation leads out of it');
    yield { type: body.readUInt8(at), value: body.subarray(at + 4, end) };
    at = end;
  }
}

function ascii(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

function text(value: Buffer): string {
  return value.toString('latin1').replace(/[\0 ]+$/, '');
}
