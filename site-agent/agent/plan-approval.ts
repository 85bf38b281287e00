import { FederationError } from '@fedoxnet/shared/errors';
import { planReply, siteStudies, type SiteStudies } from '@fedoxnet/shared/protocol/http-messages';
import { APPROVAL_LABEL, approvalText } from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { Approvals } from './approvals.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';

/** The studies that name this site. */
export async function listStudies(http: HttpClient): Promise<SiteStudies['studies']> {
  const { studies } = await http.json(
    { method: 'GET', path: 'v1/sites/studies' },
    siteStudies,
    'list of studies',
  );
  return studies;
}

/**
 * The plan of a study, when it is the one known as `hash`.
 * @throws {FederationError} `PLAN_INVALID` when the plan that came has another hash: the hash is computed here, not believed
 */
export async function fetchPlan(http: HttpClient, study: string, hash: string): Promise<StudyPlan> {
  const reply = await http.json({ method: 'GET', path: `v1/studies/${study}/plan` }, planReply, 'plan reply');
  const plan = parseStudyPlan(reply.plan);
  if (plan.study !== study || planHash(plan) !== hash) {
    throw new FederationError('PLAN_INVALID', `The plan of ${study} is not the one with hash ${hash}.`);
  }
  return plan;
}

/** Tells the coordinator, by signature, that this site will compute what the plan says. */
export async function sendApproval(
  http: HttpClient,
  identity: Identity,
  study: string,
  hash: string,
): Promise<void> {
  const signature = signText(APPROVAL_LABEL, approvalText(study, hash), identity.keys.sign.secretKey);
  await http.send({ method: 'POST', path: `v1/studies/${study}/approvals`, json: { hash, signature } });
}

/**
 * Fetches, checks, keeps and sends: in this order, so that an approval the coordinator knows is one the site can show.
 * @param permit throws for a plan that must not be approved
 */
export async function approvePlan(
  http: HttpClient,
  identity: Identity,
  approvals: Approvals,
  study: string,
  hash: string,
  permit: (plan: StudyPlan) => void,
): Promise<StudyPlan> {
  const known = await approvals.find(hash);
  const plan = known?.plan ?? (await fetchPlan(http, study, hash));
  permit(plan);
  if (known === null) await approvals.add(plan, hash);
  await sendApproval(http, identity, study, hash);
  return plan;
}
