import { FederationError } from '@fedoxnet/shared/errors';
import type { SiteStudies } from '@fedoxnet/shared/protocol/http-messages';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Approvals, type Approval } from './approvals.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import { approvePlan, listStudies } from './plan-approval.js';
import { readPolicy, requireStudyAllowed } from './policy.js';

export interface GatedPlan {
  readonly plan: StudyPlan;
  readonly hash: string;
}

/** Stands before all work: only a plan that this site approved, of a study that its policy allows, comes through. */
export class PlanGate {
  private readonly approvals: Approvals;

  constructor(
    private readonly home: string,
    private readonly http: HttpClient,
    private readonly identity: Identity,
  ) {
    this.approvals = new Approvals(home);
  }

  /** @throws {FederationError} why this site takes no part: `FORBIDDEN`, `PLAN_NOT_APPROVED`, `CONFIG_INVALID` */
  async planKnownAs(hash: string, study: string): Promise<StudyPlan> {
    const policy = await readPolicy(this.home);
    requireStudyAllowed(policy, study);
    const known = await this.approvals.find(hash);
    if (known?.study === study) return known.plan;
    if (policy.approve.includes(hash)) {
      return approvePlan(this.http, this.identity, this.approvals, study, hash);
    }
    throw new FederationError('PLAN_NOT_APPROVED', `Plan ${hash} of ${study} is not approved at this site.`);
  }

  /** For messages that name only the study: the plan of it that was approved last. */
  async planOf(study: string): Promise<GatedPlan> {
    const found = (await this.approvals.list()).find((approval) => approval.study === study);
    if (found === undefined) {
      throw new FederationError('PLAN_NOT_APPROVED', `No plan of ${study} is approved at this site.`);
    }
    return { plan: await this.planKnownAs(found.hash, study), hash: found.hash };
  }

  /** Approved and not known to have ended, latest approval first. */
  async running(): Promise<Approval[]> {
    return (await this.approvals.list()).filter((approval) => approval.ended === undefined);
  }

  async markEnded(study: string, state: NonNullable<Approval['ended']>): Promise<void> {
    for (const approval of await this.running()) {
      if (approval.study === study) await this.approvals.markEnded(approval.hash, state);
    }
  }

  /**
   * Compares what both sides know: sends approvals that the policy gives or that never arrived.
   * @returns the studies this site still took for running, and that have ended meanwhile
   */
  async reconcile(): Promise<{ study: string; state: NonNullable<Approval['ended']> }[]> {
    const policy = await readPolicy(this.home);
    const running = new Set((await this.running()).map((approval) => approval.hash));
    const ended = [];
    for (const { study, hash, state, approved } of await listStudies(this.http)) {
      if (isOver(state)) {
        if (running.has(hash)) ended.push({ study, state });
      } else if (!approved && (running.has(hash) || policy.approve.includes(hash))) {
        requireStudyAllowed(policy, study);
        await approvePlan(this.http, this.identity, this.approvals, study, hash);
      }
    }
    return ended;
  }
}

function isOver(state: SiteStudies['studies'][number]['state']): state is NonNullable<Approval['ended']> {
  return state === 'finished' || state === 'cancelled' || state === 'failed';
}
