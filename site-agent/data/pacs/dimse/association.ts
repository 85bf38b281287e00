import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { FederationError } from '@fedoxnet/shared/errors';
import { MAX_FILM_BYTES } from '../pacs.js';
import { pacsAnswerInvalid, pacsRefused, pacsUnreachable } from '../pacs-failure.js';
import { tlsFailure } from '../tls-failure.js';
import { decodeCommand, encodeCommand, type Command } from './command-set.js';
import { clientOptions, type DicomTls } from './dicom-tls.js';
import {
  decodeAssociateAccept,
  decodeAssociateReject,
  encodeAssociateRequest,
  type ProposedContext,
  type Rejection,
} from './negotiation.js';
import { decodeFragments, encodeFragments, encodePdu, PDU, PduInvalid, readPdus, type Pdu } from './pdu.js';

/** One DIMSE message. */
export interface Message {
  readonly context: number;
  readonly command: Command;
  readonly data: Buffer | null;
}

/** A presentation context that both sides agreed on. */
export interface AgreedContext {
  readonly abstractSyntax: string;
  readonly transferSyntax: string;
}

export interface AssociationTarget {
  readonly host: string;
  readonly port: number;
  readonly calledAe: string;
  readonly callingAe: string;
  /** Null for a connection in the clear. */
  readonly tls: DicomTls | null;
  /** For connecting, and without a sign of life while an answer is awaited. */
  readonly timeoutMs: number;
}

/** Bytes of a P-DATA body that we take; what dcmtk calls its maximum. */
export const MAX_BODY = 131_072;
/** Where the other side sets no limit. */
const UNLIMITED_BODY = 1 << 20;
/** Less than this and a fragment would hold nothing. */
const MIN_BODY = 64;
const MAX_COMMAND_BYTES = 65_536;
const NO_DATA = Buffer.alloc(4);

/**
 * A conversation of two DICOM programs (PS3.8): contexts agreed on, then messages. One request at a time; whoever asks waits
 * for the answer. Broken connections and broken rules come out of `receive` as `FederationError`.
 */
export class Association {
  private readonly messages: AsyncGenerator<Message>;
  private readonly maxBody: number;
  private nextId = 1;

  private constructor(
    private readonly socket: Socket,
    pdus: AsyncGenerator<Pdu>,
    readonly contexts: ReadonlyMap<number, AgreedContext>,
    private readonly place: string,
    private readonly timeoutMs: number,
    theirMaxBody: number,
  ) {
    this.messages = messagesOf(pdus, socket, place);
    this.maxBody = Math.max(MIN_BODY, theirMaxBody === 0 ? UNLIMITED_BODY : theirMaxBody);
  }

  /**
   * Connects and negotiates.
   * @param provides abstract syntaxes of which we take objects over this association
   * @throws {FederationError} `PACS_UNREACHABLE`, `PACS_REFUSED` for wrong AE titles or certificates of ours,
   *   `PACS_UNTRUSTED`, `PACS_ANSWER_INVALID`
   */
  static async request(
    target: AssociationTarget,
    contexts: readonly ProposedContext[],
    provides: readonly string[],
    signal: AbortSignal,
  ): Promise<Association> {
    const { calledAe, callingAe, tls, timeoutMs } = target;
    const place = placeOf(target);
    signal.throwIfAborted();
    const socket = open(target);
    const stop = (): void => void socket.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const pdus = readPdus(socket, MAX_BODY);
      socket.write(encodeAssociateRequest({ calledAe, callingAe, contexts, maxBody: MAX_BODY, provides }));
      const answer = await awaited(socket, timeoutMs, () => pdus.next());
      if (answer.done === true) throw hungUp(place, tls);
      const { type, body } = answer.value;
      if (type === PDU.associateReject) throw rejected(place, target, decodeAssociateReject(body));
      if (type === PDU.abort) throw pacsUnreachable(place, 'it ended the negotiation');
      if (type !== PDU.associateAccept)
        throw new PduInvalid(`a unit of type ${type} answers the negotiation`);
      const accept = decodeAssociateAccept(body);
      const proposed = new Map(contexts.map(({ id, abstractSyntax }) => [id, abstractSyntax]));
      const agreed = accept.contexts.flatMap(({ id, result, transferSyntax }) => {
        const abstractSyntax = proposed.get(id);
        return result === 0 && abstractSyntax !== undefined
          ? [[id, { abstractSyntax, transferSyntax }] as const]
          : [];
      });
      return new Association(socket, pdus, new Map(agreed), place, timeoutMs, accept.maxBody);
    } catch (error) {
      socket.destroy();
      signal.throwIfAborted();
      const isReset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      throw isReset ? hungUp(place, tls, error) : asPacsFailure(place, error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** The side that was called, after it accepted. */
  static accepted(
    socket: Socket,
    pdus: AsyncGenerator<Pdu>,
    contexts: ReadonlyMap<number, AgreedContext>,
    options: { readonly place: string; readonly timeoutMs: number; readonly theirMaxBody: number },
  ): Association {
    return new Association(socket, pdus, contexts, options.place, options.timeoutMs, options.theirMaxBody);
  }

  /** @throws {FederationError} `PACS_REFUSED` when the other side did not agree to speak of it */
  contextOf(abstractSyntax: string, what: string): number {
    for (const [id, context] of this.contexts) if (context.abstractSyntax === abstractSyntax) return id;
    throw pacsRefused(this.place, `it does not offer ${what} to this AE title`);
  }

  /** @returns the number of the message, which its answers repeat */
  send(context: number, command: Command, data: Uint8Array | null = null): number {
    const id = this.nextId;
    this.nextId = (this.nextId % 0xffff) + 1;
    const whole = command.respondsTo === undefined ? { ...command, messageId: id } : command;
    this.socket.cork();
    for (const unit of encodeFragments(context, true, encodeCommand(whole, data !== null), this.maxBody))
      this.socket.write(unit);
    if (data !== null)
      for (const unit of encodeFragments(context, false, data, this.maxBody)) this.socket.write(unit);
    this.socket.uncork();
    return id;
  }

  /**
   * The next message of the other side; null when it released the association.
   * @throws {FederationError} `PACS_UNREACHABLE` or `PACS_ANSWER_INVALID`; the association is over then
   */
  async receive(): Promise<Message | null> {
    try {
      const next = await awaited(this.socket, this.timeoutMs, () => this.messages.next());
      return next.done === true ? null : next.value;
    } catch (error) {
      this.socket.destroy();
      throw asPacsFailure(this.place, error);
    }
  }

  /** As `receive`, where an end is a failure. */
  async answer(): Promise<Message> {
    const message = await this.receive();
    if (message === null) throw pacsUnreachable(this.place, 'it released the association');
    return message;
  }

  /** False once the connection has ended, for whatever reason. */
  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.readable && this.socket.writable;
  }

  /** Takes leave as the standard wants it. */
  async release(): Promise<void> {
    if (!this.isOpen) return;
    this.socket.write(encodePdu(PDU.releaseRequest, NO_DATA));
    await this.receive().catch(() => null);
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

function open({ host, port, tls }: AssociationTarget): Socket {
  const address = { host, port, noDelay: true };
  return tls === null ? connect(address) : connectTls({ ...address, ...clientOptions(tls, host) });
}

/** Whoever hangs up without a word may have expected another kind of connection. */
function hungUp(place: string, tls: DicomTls | null, cause?: unknown): FederationError {
  const expected = tls === null ? 'TLS (dimse.tls)' : 'no TLS, or another certificate of ours';
  return pacsUnreachable(place, `it hung up before it answered, as if it expected ${expected}`, cause);
}

/** For messages: `PACS@host:port`. */
export function placeOf({
  calledAe,
  host,
  port,
}: Pick<AssociationTarget, 'calledAe' | 'host' | 'port'>): string {
  return `${calledAe}@${host}:${port}`;
}

/** Puts fragments together. Ends when the other side releases, or has answered our release. */
async function* messagesOf(
  pdus: AsyncGenerator<Pdu>,
  socket: Socket,
  place: string,
): AsyncGenerator<Message> {
  let begun: { context: number; command: Command } | null = null;
  let isHeard = false;
  let pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const next = await pdus.next();
    if (next.done === true) throw pacsUnreachable(place, 'it hung up');
    const { type, body } = next.value;
    if (type === PDU.releaseRequest) socket.end(encodePdu(PDU.releaseReply, NO_DATA));
    if (type === PDU.releaseRequest || type === PDU.releaseReply) return;
    if (type === PDU.abort && !isHeard)
      throw pacsRefused(
        place,
        'it ends the association at the first request, as if this AE title may not ask',
      );
    if (type === PDU.abort) throw pacsUnreachable(place, 'it ended the association');
    isHeard = true;
    if (type !== PDU.data) throw new PduInvalid(`a unit of type ${type} came between messages`);
    for (const { context, isCommand, isLast, value } of decodeFragments(body)) {
      if (isCommand !== (begun === null)) throw new PduInvalid('command and data set are mixed up');
      pieces.push(value);
      length += value.byteLength;
      if (length > (isCommand ? MAX_COMMAND_BYTES : MAX_FILM_BYTES))
        throw new PduInvalid(`a message has more than ${length} bytes`);
      if (!isLast) continue;
      const whole: Buffer = Buffer.concat(pieces);
      [pieces, length] = [[], 0];
      if (begun !== null) {
        yield { ...begun, data: whole };
        begun = null;
      } else {
        const { command, hasDataSet } = decodeCommand(whole);
        if (hasDataSet) begun = { context, command };
        else yield { context, command, data: null };
      }
    }
  }
}

/** Lets the connection rest as long as nobody waits for it, and no longer than `timeoutMs` while somebody does. */
async function awaited<T>(socket: Socket, timeoutMs: number, next: () => Promise<T>): Promise<T> {
  const expire = (): void => void socket.destroy(new Error(`no sign of life for ${timeoutMs / 1000} s`));
  socket.setTimeout(timeoutMs, expire);
  try {
    return await next();
  } finally {
    socket.setTimeout(0);
    socket.removeListener('timeout', expire);
  }
}

function asPacsFailure(place: string, error: unknown): FederationError {
  if (error instanceof PduInvalid) return pacsAnswerInvalid(place, error.message, error);
  if (error instanceof FederationError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return tlsFailure(place, error) ?? pacsUnreachable(place, code ?? message, error);
}

const TRANSIENT = 2;

function rejected(
  place: string,
  { calledAe, callingAe }: AssociationTarget,
  { result, source, reason }: Rejection,
): FederationError {
  if (source === 1 && reason === 7)
    return pacsRefused(place, `it does not answer to the AE title ${calledAe}`);
  if (source === 1 && reason === 3) return pacsRefused(place, `it does not know the AE title ${callingAe}`);
  const numbers = `result ${result}, source ${source}, reason ${reason}`;
  return result === TRANSIENT
    ? pacsUnreachable(place, `it takes no association now (${numbers})`)
    : pacsRefused(place, `it rejects the association (${numbers})`);
}
