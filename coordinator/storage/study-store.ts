import type { EntityManager } from 'typeorm';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import {
  approvalTable,
  releaseTable,
  studyTable,
  type ApprovalRow,
  type ReleaseRow,
  type StoredModel,
  type StudyRow,
} from './study-tables.js';

/** Studies, who approved their plans, and what they released. */
export class StudyStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  all(): Promise<StudyRow[]> {
    return this.#manager.find(studyTable, { order: { createdAt: 'ASC', name: 'ASC' } });
  }

  find(name: string): Promise<StudyRow | null> {
    return this.#manager.findOneBy(studyTable, { name });
  }

  /** False when the name is taken. */
  async create(plan: StudyPlan, planHash: string, createdAt: Date): Promise<boolean> {
    const inserted = await this.#manager
      .createQueryBuilder()
      .insert()
      .into(studyTable)
      .values({
        name: plan.study,
        plan,
        planHash,
        state: 'created',
        reason: null,
        model: null,
        version: 0,
        createdAt,
      })
      .orIgnore()
      .returning('name')
      .execute();
    return (inserted.raw as unknown[]).length === 1;
  }

  /** Sets the model while the study has not started; false otherwise. */
  async setModel(name: string, model: StoredModel): Promise<boolean> {
    const { affected } = await this.#manager.update(studyTable, { name, state: 'created' }, { model });
    return affected === 1;
  }

  async approve(approval: ApprovalRow): Promise<void> {
    await this.#manager.upsert(approvalTable, approval, ['study', 'site']);
  }

  approvals(study: string): Promise<ApprovalRow[]> {
    return this.#manager.findBy(approvalTable, { study });
  }

  approvalOf(study: string, site: string): Promise<ApprovalRow | null> {
    return this.#manager.findOneBy(approvalTable, { study, site });
  }

  findRelease(study: string, number: number): Promise<ReleaseRow | null> {
    return this.#manager.findOneBy(releaseTable, { study, number });
  }

  async latestReleases(study: string): Promise<ReleaseRow[]> {
    return this.#manager.find(releaseTable, { where: { study }, order: { number: 'ASC' } });
  }

  /**
   * Waits until no other transaction changes the study, its rounds or its releases, and keeps others from it until this one ends.
   * Must run in a transaction.
   */
  async hold(name: string): Promise<void> {
    await this.#manager.findOne(studyTable, { where: { name }, lock: { mode: 'pessimistic_write' } });
  }

  /** Replaces an earlier try: a release becomes visible to sites only when its round says so. */
  async putRelease(release: ReleaseRow): Promise<void> {
    await this.#manager.upsert(releaseTable, release, ['study', 'number']);
  }
}
