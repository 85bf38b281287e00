import { DicomRefusal } from '../../dicom/dicom-refusal.js';
import type { DataSet } from '../../dicom/data-set.js';
import { part10File } from '../../dicom/part-10-file.js';
import {
  FILM_CLASSES,
  isUid,
  TooMuchFound,
  type FilmPlace,
  type FoundInstance,
  type FoundSeries,
  type Pacs,
  type StudyQuery,
} from '../pacs.js';
import { FilmNotGiven, pacsAnswerInvalid, pacsRefused, pacsUnreachable } from '../pacs-failure.js';
import { type Association, placeOf, type AssociationTarget, type Message } from './association.js';
import { AssociationPool, type Proposals } from './association-pool.js';
import { COMMAND, LOW_PRIORITY, type Command } from './command-set.js';
import { decodeIdentifier, encodeIdentifier, type Identifier } from './identifier.js';
import { hexadecimal, isPending, STATUS, statusText } from './status.js';
import { StorageReceiver } from './storage-receiver.js';
import {
  EXPLICIT_LITTLE_ENDIAN,
  FILM_SYNTAXES,
  IMPLICIT_LITTLE_ENDIAN,
  STUDY_ROOT_FIND,
  STUDY_ROOT_GET,
  STUDY_ROOT_MOVE,
  VERIFICATION,
} from './uids.js';

export interface DimseOptions extends AssociationTarget {
  /** `get`: films come over our own connection. `move`: the PACS opens one to us, at `storePort`. */
  readonly retrieve: 'get' | 'move';
  /** Where we listen for C-MOVE; 0 takes a free port. */
  readonly storePort: number;
  /** Address to listen at. */
  readonly storeHost: string;
  readonly connections: number;
}

const LITTLE_ENDIAN = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN];
/** Answers to one query; more is an attack or a mistake. */
const MAX_ANSWERS = 100_000;

/** A PACS that is asked by the old DICOM protocol: C-ECHO, C-FIND, and C-GET or C-MOVE, in the Study Root model (PS3.4). */
export class DimsePacs implements Pacs {
  readonly place: string;
  readonly connections: number;
  private readonly associations: AssociationPool;
  private receiver: Promise<StorageReceiver> | null = null;

  constructor(private readonly options: DimseOptions) {
    this.place = placeOf(options);
    this.connections = options.connections;
    this.associations = new AssociationPool(options, options.connections, proposals(options.retrieve));
  }

  async echo(signal: AbortSignal): Promise<string> {
    const { calledAe, callingAe } = this.options;
    return this.associations.run(signal, async (association) => {
      const context = association.contextOf(VERIFICATION, 'C-ECHO');
      const request = { field: COMMAND.echoRequest, sopClass: VERIFICATION };
      const id = association.send(context, request);
      const { command } = this.answerTo(id, COMMAND.echoResponse, await association.answer());
      if (command.status !== STATUS.success)
        throw pacsRefused(this.place, `C-ECHO is answered with status ${statusText(command)}`);
      association.contextOf(STUDY_ROOT_FIND, 'C-FIND (Study Root)');
      association.contextOf(...this.retrieval());
      return `${calledAe} answers ${callingAe}, and offers C-FIND and C-${this.options.retrieve.toUpperCase()}`;
    });
  }

  async studies({ modality, from, to }: StudyQuery, signal: AbortSignal): Promise<string[]> {
    const date = from === null && to === null ? '' : `${from ?? ''}-${to ?? ''}`;
    const answers = await this.find(signal, {
      '00080020': ['DA', date],
      '00080052': ['CS', 'STUDY'],
      '00080061': ['CS', modality],
      '0020000D': ['UI', ''],
    });
    return answers.map((answer) => answer.string('x0020000d')).filter(isUid);
  }

  async series(study: string, signal: AbortSignal): Promise<FoundSeries[]> {
    const answers = await this.find(signal, {
      '00080052': ['CS', 'SERIES'],
      '00080060': ['CS', ''],
      '00180015': ['CS', ''],
      '0020000D': ['UI', study],
      '0020000E': ['UI', ''],
    });
    return answers.flatMap((answer) => {
      const series = answer.string('x0020000e');
      const [modality, bodyPart] = [answer.string('x00080060'), answer.string('x00180015')];
      return isUid(series) ? [{ series, modality, bodyPart }] : [];
    });
  }

  async instances(study: string, series: string, signal: AbortSignal): Promise<FoundInstance[]> {
    const answers = await this.find(signal, {
      '00080016': ['UI', ''],
      '00080018': ['UI', ''],
      '00080052': ['CS', 'IMAGE'],
      '0020000D': ['UI', study],
      '0020000E': ['UI', series],
    });
    return answers.flatMap((answer) => {
      const instance = answer.string('x00080018');
      return isUid(instance) ? [{ instance, sopClass: answer.string('x00080016') }] : [];
    });
  }

  fetch(film: FilmPlace, signal: AbortSignal): Promise<Uint8Array> {
    return this.associations.run(signal, (association) =>
      this.options.retrieve === 'get' ? this.get(association, film) : this.move(association, film, signal),
    );
  }

  async close(): Promise<void> {
    await this.associations.close();
    await (await this.receiver?.catch(() => null))?.close();
  }

  private async get(association: Association, film: FilmPlace): Promise<Uint8Array> {
    const context = association.contextOf(...this.retrieval());
    const id = association.send(
      context,
      { field: COMMAND.getRequest, sopClass: STUDY_ROOT_GET, priority: LOW_PRIORITY },
      imageIdentifier(film, transferSyntaxOf(association, context)),
    );
    let file: Buffer | null = null;
    for (;;) {
      const message = await association.answer();
      if (message.command.field === COMMAND.storeRequest) {
        file = this.keep(association, message, film) ?? file;
        continue;
      }
      const { command } = this.answerTo(id, COMMAND.getResponse, message);
      if (isPending(command)) continue;
      if (file !== null) return file;
      throw this.notGiven(command);
    }
  }

  /** Takes an object that a C-GET brings. */
  private keep(
    association: Association,
    { context, command, data }: Message,
    film: FilmPlace,
  ): Buffer | null {
    const { sopClass = '', sopInstance = '', messageId = 0 } = command;
    const isAsked = sopInstance === film.instance && data !== null;
    const status = isAsked ? STATUS.success : STATUS.notAuthorised;
    association.send(context, {
      ...{ field: COMMAND.storeResponse, respondsTo: messageId, status, sopClass, sopInstance },
    });
    if (!isAsked) return null;
    return part10File(
      { sopClass, sopInstance, transferSyntax: transferSyntaxOf(association, context) },
      data,
    );
  }

  private async move(association: Association, film: FilmPlace, signal: AbortSignal): Promise<Uint8Array> {
    const { callingAe, calledAe, tls, timeoutMs, storePort, storeHost } = this.options;
    this.receiver ??= StorageReceiver.listen({
      ...{ host: storeHost, port: storePort, ae: callingAe, senderAe: calledAe, tls, timeoutMs },
      associations: this.connections + 1,
    });
    const receiver = await this.receiver;
    const arrival = receiver.expect(film.instance);
    try {
      const context = association.contextOf(...this.retrieval());
      const id = association.send(
        context,
        {
          ...{ field: COMMAND.moveRequest, sopClass: STUDY_ROOT_MOVE, priority: LOW_PRIORITY },
          moveDestination: callingAe,
        },
        imageIdentifier(film, transferSyntaxOf(association, context)),
      );
      for (;;) {
        const { command } = this.answerTo(id, COMMAND.moveResponse, await association.answer());
        if (isPending(command)) continue;
        // The answer may overtake the film, which comes over a connection of its own.
        const isComing = command.status === STATUS.success && command.completed !== 0;
        if (!arrival.isHere() && !isComing) throw this.notGiven(command, receiver.refusedTls);
        return await arrival.within(timeoutMs, signal);
      }
    } finally {
      arrival.forget();
    }
  }

  private retrieval(): [abstractSyntax: string, what: string] {
    return this.options.retrieve === 'get'
      ? [STUDY_ROOT_GET, 'C-GET (Study Root)']
      : [STUDY_ROOT_MOVE, 'C-MOVE (Study Root)'];
  }

  /** @param refusedTls why a connection to us came to nothing in TLS */
  private notGiven(command: Command, refusedTls: string | null = null): Error {
    const { status, failed = 0 } = command;
    const { callingAe } = this.options;
    if (status === STATUS.destinationUnknown)
      return pacsRefused(this.place, `it does not know ${callingAe} as a destination of C-MOVE`);
    if (status === STATUS.notAuthorised || status === STATUS.sopClassNotSupported)
      return pacsRefused(this.place, `retrieving is answered with status ${statusText(command)}`);
    if (refusedTls !== null)
      return pacsRefused(
        this.place,
        `its connection to us fails in TLS (${refusedTls}): it must call us with TLS, trust our certificate and show one of its own`,
      );
    const how = failed > 0 ? 'could not send the film' : 'sent no film';
    return new FilmNotGiven(`the PACS ${how} (status ${statusText(command)})`);
  }

  private async find(signal: AbortSignal, identifier: Identifier): Promise<DataSet[]> {
    return this.associations.run(signal, async (association) => {
      const context = association.contextOf(STUDY_ROOT_FIND, 'C-FIND (Study Root)');
      const syntax = transferSyntaxOf(association, context);
      const request = { field: COMMAND.findRequest, sopClass: STUDY_ROOT_FIND, priority: LOW_PRIORITY };
      const id = association.send(context, request, encodeIdentifier(identifier, syntax));
      const answers: DataSet[] = [];
      for (;;) {
        const message = this.answerTo(id, COMMAND.findResponse, await association.answer());
        const { command, data } = message;
        if (!isPending(command)) {
          if (command.status === STATUS.success) return answers;
          if (command.status === STATUS.outOfResources) throw new TooMuchFound('status A700');
          if ((command.status ?? 0) >= 0xc000)
            throw pacsUnreachable(this.place, `it cannot answer a query now (status ${statusText(command)})`);
          throw pacsAnswerInvalid(this.place, `a query is answered with status ${statusText(command)}`);
        }
        if (data !== null) answers.push(this.decoded(data, syntax));
        if (answers.length > MAX_ANSWERS)
          throw pacsAnswerInvalid(this.place, 'a query has no end of answers');
      }
    });
  }

  private decoded(data: Buffer, syntax: string): DataSet {
    try {
      return decodeIdentifier(data, syntax);
    } catch (error) {
      if (error instanceof DicomRefusal)
        throw pacsAnswerInvalid(this.place, 'an answer to a query is damaged', error);
      throw error;
    }
  }

  /** @returns the message, if it is an answer to ours */
  private answerTo(id: number, field: number, message: Message): Message {
    const { command } = message;
    if (command.field === field && command.respondsTo === id) return message;
    throw pacsAnswerInvalid(this.place, `a message of kind ${hexadecimal(command.field)} answers another`);
  }
}

/** A context for each way of coding a film, or the PACS would choose one and recode films to it. */
function proposals(retrieve: DimseOptions['retrieve']): Proposals {
  const services = [VERIFICATION, STUDY_ROOT_FIND, retrieve === 'get' ? STUDY_ROOT_GET : STUDY_ROOT_MOVE];
  const provides = retrieve === 'get' ? FILM_CLASSES : [];
  const contexts = [
    ...services.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: LITTLE_ENDIAN })),
    ...provides.flatMap((abstractSyntax) =>
      FILM_SYNTAXES.map((syntax) => ({ abstractSyntax, transferSyntaxes: [syntax] })),
    ),
  ];
  return { contexts: contexts.map((context, index) => ({ ...context, id: 2 * index + 1 })), provides };
}

function imageIdentifier({ study, series, instance }: FilmPlace, syntax: string): Buffer {
  const identifier: Identifier = {
    '00080018': ['UI', instance],
    '00080052': ['CS', 'IMAGE'],
    '0020000D': ['UI', study],
    '0020000E': ['UI', series],
  };
  return encodeIdentifier(identifier, syntax);
}

function transferSyntaxOf(association: Association, context: number): string {
  return association.contexts.get(context)?.transferSyntax ?? '';
}
