import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { sha256Hex, shortName } from '@fedoxnet/shared/ids';
import { suppressBelowOf } from '@fedoxnet/shared/study/evaluation-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { readJsonFile } from '../files/json-file.js';
import { workHours } from './work-hours.js';

/** What the site allows, in its own words; written by the site's staff and never changed by the agent. */
export const sitePolicy = z.strictObject({
  /** Only these studies may run here. Without the field, every study whose plan was approved. */
  studies: z.array(shortName).optional(),
  /** Plans that are approved without asking anyone. */
  approve: z.array(sha256Hex).default([]),
  /** When rounds may begin here, by the clock of this machine, as `19:00-06:00`. One that was begun is finished. */
  hours: workHours.optional(),
  /** So many other sites must be in every release that this site adds to. */
  minimumOtherSites: z.number().int().min(0).max(10_000).optional(),
  /** Only films below these folders may be used. */
  dataFolders: z.array(z.string().refine(isAbsolute, 'must be an absolute path')).min(1).optional(),
  /** The most that updates take of the line, 10⁶ bits per second; counts from the agent's next start. Below 0.1 the coordinator gives up. */
  uploadMegabitsPerSecond: z.number().min(0.1).optional(),
  /** Whether the consortium may see how many films there are of what. Without the field it may not. */
  census: z
    .strictObject({
      share: z.boolean(),
      /** Counts of films of fewer patients are withheld, and scores that rest on them, also where a plan asks for less. */
      suppressBelow: z.number().int().min(1).max(1000).default(5),
    })
    .optional(),
});
export type SitePolicy = z.infer<typeof sitePolicy>;

/**
 * Reads `policy.json` afresh, so that a change counts from the next invitation on. No file allows every approved plan.
 * @throws {FederationError} `CONFIG_INVALID` for a broken file: a policy that cannot be read allows nothing.
 */
export async function readPolicy(home: string): Promise<SitePolicy> {
  const policy = await readJsonFile(join(home, 'policy.json'), sitePolicy, 'CONFIG_INVALID');
  return policy ?? { approve: [] };
}

/** What rests on films of fewer patients stays here when a release is scored: as the plan says, or the stricter policy. */
export function scoresSuppressedBelow(policy: SitePolicy, plan: Pick<StudyPlan, 'evaluation'>): number {
  return Math.max(suppressBelowOf(plan.evaluation), policy.census?.suppressBelow ?? 1);
}
