import { Association, placeOf, type AssociationTarget } from '../../data/pacs/dimse/association.js';
import { COMMAND } from '../../data/pacs/dimse/command-set.js';
import { toImplicit } from '../../data/dicom/write/implicit.js';
import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from '../../data/pacs/dimse/uids.js';
import { pacsAnswerInvalid } from '../../data/pacs/pacs-failure.js';
import { reportRefused, type Destination } from './destination.js';
import { SENT_CLASSES, type ReportObject } from './report-object.js';

/** PS3.4, B.2.3: stored, or stored with a remark. */
const STORED = new Set([0x0000, 0xb000, 0xb006, 0xb007]);
const MEDIUM_PRIORITY = 0;
/** As the files are, and the one that everybody must know (PS3.5, 10.1). */
const SYNTAXES = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN];

/** An application entity that takes objects by C-STORE (PS3.7, 9.1.1), over one association as long as it lasts. */
export class DimseDestination implements Destination {
  readonly place: string;
  private association: Association | null = null;

  constructor(private readonly target: AssociationTarget) {
    this.place = placeOf(target);
  }

  async send(object: ReportObject, signal: AbortSignal, onLeft: (bytes: number) => void): Promise<void> {
    const { sopClass, sopInstance } = object;
    const association = await this.open(signal);
    const stop = (): void => association.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const context = association.contextOf(sopClass, 'storage of reports (C-STORE)');
      const isImplicit = association.contexts.get(context)?.transferSyntax === IMPLICIT_LITTLE_ENDIAN;
      const dataSet = isImplicit ? toImplicit(object.dataSet) : object.dataSet;
      const id = association.send(
        context,
        { field: COMMAND.storeRequest, sopClass, sopInstance, priority: MEDIUM_PRIORITY },
        dataSet,
      );
      onLeft(dataSet.byteLength);
      const { command } = await association.answer();
      if (command.field !== COMMAND.storeResponse || command.respondsTo !== id)
        throw pacsAnswerInvalid(this.place, 'C-STORE is answered by something else');
      const { status = -1, errorComment } = command;
      if (STORED.has(status)) return;
      const comment = errorComment === undefined ? '' : ` (${errorComment})`;
      throw reportRefused(this.place, object, `status ${status.toString(16).toUpperCase()}${comment}`);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.association?.release();
    this.association = null;
  }

  private async open(signal: AbortSignal): Promise<Association> {
    if (this.association?.isOpen !== true) {
      const contexts = SENT_CLASSES.map((abstractSyntax, index) => ({
        ...{ id: 2 * index + 1, abstractSyntax, transferSyntaxes: SYNTAXES },
      }));
      this.association = await Association.request(this.target, contexts, [], signal);
    }
    return this.association;
  }
}
