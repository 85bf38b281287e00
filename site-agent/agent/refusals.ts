import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex, shortName } from '@fedoxnet/shared/ids';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

const refusedPlan = z.strictObject({ study: shortName, hash: sha256Hex, refusedAt: z.iso.datetime() });
export type RefusedPlan = z.infer<typeof refusedPlan>;

/** The plans that people of this site said no to, one file each. A refusal is stronger than an approval and than the policy. */
export class Refusals {
  private readonly folder: string;

  constructor(home: string) {
    this.folder = join(home, 'refusals');
  }

  find(hash: string): Promise<RefusedPlan | null> {
    return readJsonFile(this.path(hash), refusedPlan, 'CONFIG_INVALID');
  }

  async list(): Promise<RefusedPlan[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const hashes = names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
    const found = await Promise.all(hashes.map((hash) => this.find(hash)));
    return found.filter((entry) => entry !== null);
  }

  async add(study: string, hash: string): Promise<RefusedPlan> {
    const entry = { study, hash, refusedAt: new Date().toISOString() };
    await writeFileAtomic(this.path(hash), `${JSON.stringify(entry)}\n`);
    return entry;
  }

  /** After the site's people thought better of it. */
  remove(hash: string): Promise<void> {
    return rm(this.path(hash), { force: true });
  }

  private path(hash: string): string {
    return join(this.folder, `${hash}.json`);
  }
}
