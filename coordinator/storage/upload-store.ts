import { In, IsNull, type EntityManager } from 'typeorm';
import { uploadTable, type UploadRow } from './round-tables.js';

type UploadKey = Pick<UploadRow, 'study' | 'round' | 'attempt' | 'site'>;

/** Headers of uploads; their chunks lie in the blob store under the upload's id. */
export class UploadStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  find(id: string): Promise<UploadRow | null> {
    return this.#manager.findOneBy(uploadTable, { id });
  }

  findByKey({ study, round, attempt, site }: UploadKey): Promise<UploadRow | null> {
    return this.#manager.findOneBy(uploadTable, { study, round, attempt, site });
  }

  findAll(ids: readonly string[]): Promise<UploadRow[]> {
    return this.#manager.find(uploadTable, { where: { id: In([...ids]) }, order: { site: 'ASC' } });
  }

  /** False when the site already opened an upload for this attempt. */
  async open(upload: Omit<UploadRow, 'completedAt'>): Promise<boolean> {
    const inserted = await this.#manager
      .createQueryBuilder()
      .insert()
      .into(uploadTable)
      .values({ ...upload, completedAt: null })
      .orIgnore()
      .returning('id')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }

  /** Drops an upload that was never completed, so that the site can begin another. */
  async discard(id: string): Promise<boolean> {
    const { affected } = await this.#manager.delete(uploadTable, { id, completedAt: IsNull() });
    return affected === 1;
  }

  /** The same for all of a site's. */
  async discardHalves(site: string): Promise<void> {
    await this.#manager.delete(uploadTable, { site, completedAt: IsNull() });
  }

  /** Also one that was completed, once no round holds it any more. */
  async remove(id: string): Promise<void> {
    await this.#manager.delete(uploadTable, { id });
  }

  /** False when another request completed it first. */
  async complete(id: string, at: Date): Promise<boolean> {
    const { affected } = await this.#manager.update(
      uploadTable,
      { id, completedAt: IsNull() },
      { completedAt: at },
    );
    return affected === 1;
  }
}
