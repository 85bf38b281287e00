import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { sha256Hex, shortName } from '@fedoxnet/shared/ids';
import { readJsonFile } from '../files/json-file.js';

/** What the site allows, in its own words; written by the site's staff and never changed by the agent. */
export const sitePolicy = z.strictObject({
  /** Only these studies may run here. Without the field, every study whose plan was approved. */
  studies: z.array(shortName).optional(),
  /** Plans that are approved without asking anyone. */
  approve: z.array(sha256Hex).default([]),
  /** The most that updates take of the line, 10⁶ bits per second; counts from the agent's next start. */
  uploadMegabitsPerSecond: z.number().positive().optional(),
  /** Whether the consortium may see how many films there are of what. Without the field it may not. */
  census: z
    .strictObject({
      share: z.boolean(),
      /** Counts of films of fewer patients are withheld. */
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

/** @throws {FederationError} `FORBIDDEN` when the policy names studies and this one is not among them. */
export function requireStudyAllowed(policy: SitePolicy, study: string): void {
  if (policy.studies === undefined || policy.studies.includes(study)) return;
  throw new FederationError('FORBIDDEN', `The policy of this site does not allow study ${study}.`);
}
