import type { EntityManager } from 'typeorm';
import { censusTable, type CensusRow } from './census-table.js';

/** The last census of each site and study. */
export class CensusStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  async put(row: CensusRow): Promise<void> {
    await this.#manager.upsert(censusTable, row, ['study', 'site']);
  }

  async remove(study: string, site: string): Promise<void> {
    await this.#manager.delete(censusTable, { study, site });
  }

  ofStudy(study: string): Promise<CensusRow[]> {
    return this.#manager.findBy(censusTable, { study });
  }
}
