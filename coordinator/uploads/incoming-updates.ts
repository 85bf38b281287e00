import { FederationError, type ErrorCode } from '@fedoxnet/shared/errors';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { uploadFolder, type BlobStore } from '../blobs/blob-store.js';
import { openUpdateKey, type KeyRing } from '../keys/key-ring.js';
import type { Database } from '../storage/database.js';
import type { UploadRow } from '../storage/round-tables.js';
import { requireModel } from '../studies/require-model.js';
import { travellingShapes } from './travelling-shapes.js';
import { CheckThread } from './check-thread.js';
import { IncomingUpdate } from './incoming-update.js';

/** Refusals of what is in an update: the site can send it as often as it likes. */
const BAD_CONTENT: ReadonlySet<ErrorCode> = new Set([
  'WEIGHTS_INVALID',
  'UPDATE_TOO_LONG',
  'DATA_KEY_NOT_AUTHENTIC',
]);
/** All chunks are here and authentic, and still not what the header says. */
const BAD_WHOLE: ReadonlySet<ErrorCode> = new Set([...BAD_CONTENT, 'UPLOAD_MISMATCH']);

/** Updates that are on their way in: found by their upload without asking the database for every chunk. */
export class IncomingUpdates {
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #keys: KeyRing;
  readonly #now: () => Date;
  readonly #open = new Map<string, Promise<IncomingUpdate>>();
  readonly #thread: CheckThread;

  constructor(database: Database, blobs: BlobStore, keys: KeyRing, now: () => Date) {
    this.#database = database;
    this.#blobs = blobs;
    this.#keys = keys;
    this.#now = now;
    this.#thread = new CheckThread(blobs.root, () => this.#open.clear());
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  /**
   * The update behind an upload that is not complete.
   * @param load finds the upload when it is not known yet
   */
  find(id: string, load: () => Promise<UploadRow>): Promise<IncomingUpdate> {
    const known = this.#open.get(id);
    if (known !== undefined) return known;
    const update = load().then((upload) => this.#begin(upload));
    this.#open.set(id, update);
    update.catch(() => this.forget(id));
    return update;
  }

  /** The upload was completed, replaced or removed. */
  forget(id: string): void {
    if (!this.#open.delete(id)) return;
    this.#thread.ask({ kind: 'forget', upload: id }).catch(() => undefined);
  }

  /**
   * Takes in a chunk. An update that shows itself to be bad is dropped, and the audit log says so.
   * @throws {FederationError} as `IncomingUpdate.receive`
   */
  async receive(
    id: string,
    update: IncomingUpdate,
    index: number,
    pieces: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#orRefuse(id, update.header, update.receive(index, pieces), BAD_CONTENT);
  }

  /**
   * Looks at all of an update whose chunks are here.
   * @throws {FederationError} as `IncomingUpdate.complete`
   */
  async complete(upload: UploadRow): Promise<IncomingUpdate> {
    const complete = async (): Promise<IncomingUpdate> => {
      const update = await this.find(upload.id, () => Promise.resolve(upload));
      await update.complete();
      return update;
    };
    return this.#orRefuse(upload.id, upload.header, complete(), BAD_WHOLE);
  }

  async #begin({ id, header, completedAt }: UploadRow): Promise<IncomingUpdate> {
    if (completedAt !== null) {
      // Its chunks may be gone already, and nobody would look at new ones.
      throw new FederationError('UPLOAD_MISMATCH', `Upload ${id} is complete and takes no chunk.`);
    }
    const study = await this.#database.stores.studies.find(header.study);
    if (study === null) throw new FederationError('NOT_FOUND', `There is no study ${header.study}.`);
    const expected = { header, plan: study.plan, shapes: travellingShapes(study.plan, requireModel(study)) };
    const begin = async (): Promise<IncomingUpdate> => {
      const dataKey = openUpdateKey(header, this.#keys);
      await this.#thread.ask({ kind: 'begin', upload: id, expected, dataKey });
      return new IncomingUpdate(id, header, this.#blobs, this.#thread);
    };
    return this.#orRefuse(id, header, begin(), BAD_CONTENT);
  }

  async #orRefuse<T>(
    id: string,
    header: UpdateHeader,
    work: Promise<T>,
    codes: ReadonlySet<ErrorCode>,
  ): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof FederationError && codes.has(error.code)) await this.#refuse(id, header, error);
      throw error;
    }
  }

  async #refuse(
    id: string,
    { study, round, attempt, site }: UpdateHeader,
    { code, message: reason }: FederationError,
  ): Promise<void> {
    this.forget(id);
    const detail = { study, round, attempt, site, upload: id, code, reason };
    const dropped = await this.#database.transaction(async ({ uploads, audit }) => {
      if (!(await uploads.discard(id))) return false;
      await audit.append(this.#now(), 'upload-refused', detail);
      return true;
    });
    if (dropped) await this.#blobs.removeFolder(uploadFolder(id));
  }
}
