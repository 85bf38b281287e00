import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Approvals } from './approvals.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import { approvePlan, listStudies } from './plan-approval.js';
import { readPolicy } from './policy.js';
import { requirePlanAllowed } from './policy-rules.js';
import { Refusals, type RefusedPlan } from './refusals.js';

/**
 * A person of this site says yes to a plan, known by its hash. An earlier refusal is taken back.
 * @throws {FederationError} `NOT_FOUND` when no study has that plan, `POLICY_FORBIDS` when the policy does not allow it
 */
export async function approveByHash(
  home: string,
  identity: Identity,
  http: HttpClient,
  hash: string,
): Promise<StudyPlan> {
  const found = (await listStudies(http)).find((study) => study.hash === hash);
  if (found === undefined) {
    throw new FederationError(
      'NOT_FOUND',
      `No study at ${identity.address} has a plan ${hash} for this site.`,
    );
  }
  const policy = await readPolicy(home);
  const permit = (plan: StudyPlan): void => requirePlanAllowed(policy, plan);
  const plan = await approvePlan(http, identity, new Approvals(home), found.study, hash, permit);
  await new Refusals(home).remove(hash);
  return plan;
}

/**
 * A person of this site says no to a plan, also to one that was approved: from now on nothing is computed for it here, and a
 * running agent drops what it is at. The coordinator hears of it as a declined invitation.
 * @throws {FederationError} `NOT_FOUND` for a hash that neither this site nor its coordinator knows
 */
export async function refuseByHash(
  home: string,
  identity: Identity,
  http: HttpClient,
  hash: string,
): Promise<RefusedPlan> {
  const approved = await new Approvals(home).find(hash);
  const study =
    approved?.study ?? (await listStudies(http)).find((entry) => entry.hash === hash)?.study ?? null;
  if (study === null) {
    throw new FederationError(
      'NOT_FOUND',
      `No study at ${identity.address} has a plan ${hash} for this site.`,
    );
  }
  return new Refusals(home).add(study, hash);
}
