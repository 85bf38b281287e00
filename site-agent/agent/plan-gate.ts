import { FederationError } from '@fedoxnet/shared/errors';
import type { SiteStudies } from '@fedoxnet/shared/protocol/http-messages';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Approvals, type Approval } from './approvals.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import { approvePlan, listStudies } from './plan-approval.js';
import { readPolicy, type SitePolicy } from './policy.js';
import { requireFilmsAllowed, requireHour, requirePlanAllowed, requireStudyAllowed } from './policy-rules.js';
import { Refusals, type RefusedPlan } from './refusals.js';

export interface GatedPlan {
  readonly plan: StudyPlan;
  readonly hash: string;
}

/** Stands before all work: only a plan that this site approved, and that its policy allows here and now, comes through. */
export class PlanGate {
  private readonly approvals: Approvals;
  private readonly refusals: Refusals;

  /** @param data folder of the catalogue that the site works on */
  constructor(
    private readonly home: string,
    private readonly data: string,
    private readonly http: HttpClient,
    private readonly identity: Identity,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.approvals = new Approvals(home);
    this.refusals = new Refusals(home);
  }

  /**
   * The plan of work that may begin now.
   * @throws {FederationError} why this site takes no part: `POLICY_FORBIDS`, `OUTSIDE_HOURS`, `PLAN_NOT_APPROVED`, `CONFIG_INVALID`
   */
  async planKnownAs(hash: string, study: string): Promise<StudyPlan> {
    const policy = await readPolicy(this.home);
    const plan = await this.approvedPlan(policy, hash, study);
    requireHour(policy, this.now());
    return plan;
  }

  /** True for approved work that may be done at this hour, or was begun and is only to be finished. */
  async allows({ hash, study }: Approval, work: 'begin' | 'finish'): Promise<boolean> {
    const policy = await readPolicy(this.home);
    try {
      await this.approvedPlan(policy, hash, study);
      if (work === 'begin') requireHour(policy, this.now());
      return true;
    } catch (error) {
      if (error instanceof FederationError) return false;
      throw error;
    }
  }

  private async approvedPlan(policy: SitePolicy, hash: string, study: string): Promise<StudyPlan> {
    requireStudyAllowed(policy, study);
    if ((await this.refusals.find(hash)) !== null) {
      throw new FederationError('PLAN_NOT_APPROVED', `Plan ${hash} of ${study} was refused at this site.`);
    }
    const known = await this.approvals.find(hash);
    const approved = known?.study === study ? known.plan : null;
    if (approved === null && !policy.approve.includes(hash)) {
      throw new FederationError(
        'PLAN_NOT_APPROVED',
        `Plan ${hash} of ${study} is not approved at this site.`,
      );
    }
    if (approved !== null) requirePlanAllowed(policy, approved);
    const plan = approved ?? (await this.approve(policy, study, hash));
    await requireFilmsAllowed(policy, this.data);
    return plan;
  }

  private approve(policy: SitePolicy, study: string, hash: string): Promise<StudyPlan> {
    const permit = (plan: StudyPlan): void => requirePlanAllowed(policy, plan);
    return approvePlan(this.http, this.identity, this.approvals, study, hash, permit);
  }

  /** For messages that name only the study: the plan of it that was approved last. */
  async planOf(study: string): Promise<GatedPlan> {
    const found = (await this.approvals.list()).find((approval) => approval.study === study);
    if (found === undefined) {
      throw new FederationError('PLAN_NOT_APPROVED', `No plan of ${study} is approved at this site.`);
    }
    return { plan: await this.planKnownAs(found.hash, study), hash: found.hash };
  }

  /** Approved, not refused since, and not known to have ended, latest approval first. */
  async running(): Promise<Approval[]> {
    const refused = new Set((await this.refusals.list()).map(({ hash }) => hash));
    const approved = await this.approvals.list();
    return approved.filter(({ hash, ended }) => ended === undefined && !refused.has(hash));
  }

  refused(): Promise<RefusedPlan[]> {
    return this.refusals.list();
  }

  async markEnded(study: string, state: NonNullable<Approval['ended']>): Promise<void> {
    for (const approval of await this.running()) {
      if (approval.study === study) await this.approvals.markEnded(approval.hash, state);
    }
  }

  /**
   * Compares what both sides know: sends approvals that the policy gives or that never arrived, unless it forbids the study.
   * @returns the studies this site still took for running, and that have ended meanwhile
   */
  async reconcile(): Promise<{ study: string; state: NonNullable<Approval['ended']> }[]> {
    const policy = await readPolicy(this.home);
    const running = new Set((await this.running()).map((approval) => approval.hash));
    const refused = new Set((await this.refusals.list()).map(({ hash }) => hash));
    const ended = [];
    for (const { study, hash, state, approved } of await listStudies(this.http)) {
      if (isOver(state)) {
        if (running.has(hash)) ended.push({ study, state });
      } else if (!approved && !refused.has(hash) && (running.has(hash) || policy.approve.includes(hash))) {
        await this.approve(policy, study, hash).catch((error: unknown) => {
          if (!(error instanceof FederationError) || error.code !== 'POLICY_FORBIDS') throw error;
        });
      }
    }
    return ended;
  }
}

function isOver(state: SiteStudies['studies'][number]['state']): state is NonNullable<Approval['ended']> {
  return state === 'finished' || state === 'cancelled' || state === 'failed';
}
