import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { sha256Hex, shortName } from '@fedoxnet/shared/ids';
import { studyPlan, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

const approval = z.strictObject({
  study: shortName,
  hash: sha256Hex,
  plan: studyPlan,
  approvedAt: z.string(),
  /** Set when the study ended, so that a restarted agent does not wait for it. */
  ended: z.enum(['finished', 'cancelled', 'failed']).optional(),
});
export type Approval = z.infer<typeof approval>;

/** The plans this site approved, one file per plan hash. Nothing is computed from a plan that is not here. */
export class Approvals {
  private readonly folder: string;

  constructor(home: string) {
    this.folder = join(home, 'approvals');
  }

  /** @throws {FederationError} `CONFIG_INVALID` when the stored plan no longer has the hash it was approved under. */
  async find(hash: string): Promise<Approval | null> {
    const path = this.path(hash);
    const found = await readJsonFile(path, approval, 'CONFIG_INVALID');
    if (found !== null && (found.hash !== hash || planHash(found.plan) !== hash)) {
      throw new FederationError('CONFIG_INVALID', `${path} holds another plan than the one approved.`);
    }
    return found;
  }

  /** Latest approval first. */
  async list(): Promise<Approval[]> {
    const names = await readdir(this.folder).catch(() => []);
    const hashes = names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length));
    const found = await Promise.all(hashes.map((hash) => this.find(hash)));
    return found
      .filter((entry) => entry !== null)
      .sort((a, b) => b.approvedAt.localeCompare(a.approvedAt) || a.hash.localeCompare(b.hash));
  }

  async add(plan: StudyPlan, hash: string): Promise<Approval> {
    const entry = { study: plan.study, hash, plan, approvedAt: new Date().toISOString() };
    await this.write(entry);
    return entry;
  }

  /** @returns false when that was already known. */
  async markEnded(hash: string, state: NonNullable<Approval['ended']>): Promise<boolean> {
    const entry = await this.find(hash);
    if (entry === null || entry.ended !== undefined) return false;
    await this.write({ ...entry, ended: state });
    return true;
  }

  private path(hash: string): string {
    return join(this.folder, `${hash}.json`);
  }

  private write(entry: Approval): Promise<void> {
    return writeFileAtomic(this.path(entry.hash), `${JSON.stringify(entry, null, 2)}\n`);
  }
}
