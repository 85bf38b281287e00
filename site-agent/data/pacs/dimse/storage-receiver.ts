import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { FederationError } from '@fedoxnet/shared/errors';
import { FILM_CLASSES } from '../pacs.js';
import { FilmNotGiven } from '../pacs-failure.js';
import { Association, MAX_BODY, type AgreedContext, type Message } from './association.js';
import { COMMAND } from './command-set.js';
import { serverOptions, type DicomTls } from './dicom-tls.js';
import {
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateReject,
  NOT_RECOGNISED,
  type AnsweredContext,
  type AssociateRequest,
  type Rejection,
} from './negotiation.js';
import { part10File } from '../../dicom/part-10-file.js';
import { PDU, readPdus } from './pdu.js';
import { STATUS } from './status.js';
import { FILM_SYNTAXES, VERIFICATION } from './uids.js';

export interface StorageReceiverOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Ours, and that of the only sender. */
  readonly ae: string;
  readonly senderAe: string;
  /** With it only whoever shows a certificate that we trust is heard; null for connections in the clear. */
  readonly tls: DicomTls | null;
  readonly timeoutMs: number;
  /** At once. */
  readonly associations: number;
}

/** A film that a C-MOVE will bring. */
export interface Arrival {
  isHere(): boolean;
  /** @throws {FilmNotGiven} when it does not come in time */
  within(ms: number, signal: AbortSignal): Promise<Uint8Array>;
  forget(): void;
}

/** PS3.8, tables 9-18 and 9-21. */
const ACCEPTED = 0;
const ABSTRACT_SYNTAX_REFUSED = 3;
const TRANSFER_SYNTAX_REFUSED = 4;
const TOO_MANY: Rejection = { result: 2, source: 3, reason: 2 };

/**
 * Takes the objects that the PACS sends to us at our own request, and no others: an AE title proves nothing, so an object
 * that was not asked for is refused, whoever sends it. Nothing is written to a disk here.
 */
export class StorageReceiver {
  private readonly expected = new Map<string, (file: Uint8Array) => void>();
  private readonly sockets = new Set<Socket>();
  /** Why the last connection came to nothing in TLS; null when none did. */
  refusedTls: string | null = null;

  private constructor(
    private readonly server: Server,
    private readonly options: StorageReceiverOptions,
  ) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    server.on('tlsClientError', ({ code, message }: NodeJS.ErrnoException) => {
      this.refusedTls = code ?? message;
    });
    // What a stranger or a broken line does ends their connection and nothing else.
    server.on(options.tls === null ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.serve(socket).catch(() => socket.destroy());
    });
  }

  /** @throws {FederationError} `PORT_IN_USE` */
  static async listen(options: StorageReceiverOptions): Promise<StorageReceiver> {
    const { host, port, tls, timeoutMs } = options;
    const server =
      tls === null
        ? createServer({ noDelay: true })
        : createTlsServer({ ...serverOptions(tls), noDelay: true, handshakeTimeout: timeoutMs });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) =>
        reject(
          new FederationError('PORT_IN_USE', `Port ${port} of ${host} cannot be opened (${cause.code}).`, {
            cause,
          }),
        ),
      );
      server.listen(port, host, resolve);
    });
    return new StorageReceiver(server, options);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on the film is taken, until somebody forgets it. */
  expect(instance: string): Arrival {
    let isHere = false;
    const file = new Promise<Uint8Array>((resolve) => {
      this.expected.set(instance, (came) => {
        isHere = true;
        resolve(came);
      });
    });
    return {
      isHere: () => isHere,
      within: (ms, signal) =>
        new Promise((resolve, reject) => {
          const late = (): void =>
            reject(new FilmNotGiven('the PACS says that it sent the film, but none came'));
          const timer = setTimeout(late, ms);
          const stop = (): void => reject(signal.reason as Error);
          signal.addEventListener('abort', stop, { once: true });
          void file.then(resolve).finally(() => {
            clearTimeout(timer);
            signal.removeEventListener('abort', stop);
          });
        }),
      forget: () => this.expected.delete(instance),
    };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(socket: Socket): Promise<void> {
    const { timeoutMs, ae, senderAe, associations } = this.options;
    const pdus = readPdus(socket, MAX_BODY);
    socket.setTimeout(timeoutMs, () => socket.destroy());
    const first = await pdus.next();
    socket.setTimeout(0);
    if (first.done === true || first.value.type !== PDU.associateRequest) return void socket.destroy();
    const request = decodeAssociateRequest(first.value.body);
    const refusal =
      request.calledAe !== ae
        ? NOT_RECOGNISED.calledAe
        : request.callingAe !== senderAe
          ? NOT_RECOGNISED.callingAe
          : this.sockets.size > associations
            ? TOO_MANY
            : null;
    if (refusal !== null) return void socket.end(encodeAssociateReject(refusal));
    const { answered, agreed } = answerContexts(request);
    socket.write(encodeAssociateAccept(request, { contexts: answered, maxBody: MAX_BODY }));
    const association = Association.accepted(socket, pdus, agreed, {
      ...{ place: senderAe, timeoutMs, theirMaxBody: request.maxBody },
    });
    for (;;) {
      const message = await association.receive();
      if (message === null) return;
      association.send(message.context, this.answer(message, agreed));
    }
  }

  private answer({ context, command, data }: Message, agreed: ReadonlyMap<number, AgreedContext>) {
    const { sopClass = '', sopInstance = '', messageId = 0, field } = command;
    const reply = { field: field | 0x8000, respondsTo: messageId, sopClass };
    if (field === COMMAND.echoRequest) return { ...reply, status: STATUS.success };
    if (field !== COMMAND.storeRequest) return { ...reply, status: STATUS.noSuchOperation };
    const arrived = this.expected.get(sopInstance);
    const syntax = agreed.get(context)?.transferSyntax;
    if (arrived === undefined || data === null || syntax === undefined)
      return { ...reply, sopInstance, status: STATUS.notAuthorised };
    arrived(part10File({ sopClass, sopInstance, transferSyntax: syntax }, data));
    return { ...reply, sopInstance, status: STATUS.success };
  }
}

/** Films in every syntax that they are decoded from; of several in one context the first proposed. */
function answerContexts({ contexts }: AssociateRequest): {
  answered: AnsweredContext[];
  agreed: Map<number, AgreedContext>;
} {
  const answered = contexts.map(({ id, abstractSyntax, transferSyntaxes }): AnsweredContext => {
    const isKnown = abstractSyntax === VERIFICATION || FILM_CLASSES.includes(abstractSyntax);
    const chosen = transferSyntaxes.find((uid) => FILM_SYNTAXES.includes(uid));
    const result = !isKnown
      ? ABSTRACT_SYNTAX_REFUSED
      : chosen === undefined
        ? TRANSFER_SYNTAX_REFUSED
        : ACCEPTED;
    return { id, result, transferSyntax: chosen ?? transferSyntaxes[0] ?? '' };
  });
  const abstractSyntaxes = new Map(contexts.map(({ id, abstractSyntax }) => [id, abstractSyntax]));
  const agreed = answered
    .filter(({ result }) => result === ACCEPTED)
    .map(({ id, transferSyntax }) => {
      return [id, { abstractSyntax: abstractSyntaxes.get(id) ?? '', transferSyntax }] as const;
    });
  return { answered, agreed: new Map(agreed) };
}
