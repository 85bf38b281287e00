import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Approvals, type Approval } from '../agent/approvals.js';
import { coordinatorHttp } from '../agent/coordinator-http.js';
import { asFederationError } from '../agent/failure.js';
import type { HttpClient } from '../agent/http-client.js';
import { loadIdentity, type Identity } from '../agent/identity.js';
import { fetchPlan, listStudies } from '../agent/plan-approval.js';
import { approveByHash, refuseByHash } from '../agent/plan-decision.js';
import { planInWords } from '../agent/plan-words.js';
import { Refusals } from '../agent/refusals.js';
import type { PlanReview, PlansReply } from './messages.js';

interface Line {
  readonly http: HttpClient;
  readonly identity: Identity;
}

/** The plans that wait for this site's word and those that had it. Works without the coordinator on what is known here. */
export class PlanDesk {
  private opened: Line | null = null;
  /** Plans by hash: what has a hash never changes. */
  private readonly fetched = new Map<string, StudyPlan>();

  constructor(private readonly home: string) {}

  /** @throws {FederationError} `CONFIG_INVALID` for a broken approval or refusal */
  async list(): Promise<PlansReply> {
    const known = await this.known();
    try {
      const plans = new Map(known.map((plan) => [plan.hash, plan]));
      const { http } = await this.line();
      for (const { study, hash, state } of await listStudies(http)) {
        const isOver = state === 'finished' || state === 'cancelled' || state === 'failed';
        const here = plans.get(hash);
        if (here === undefined && isOver) continue;
        const plan = await this.planOf(http, study, hash);
        const decided = here ?? { study, hash, state: 'waiting' as const, at: null };
        plans.set(hash, {
          ...decided,
          state: isOver ? 'ended' : decided.state,
          ...{ words: planInWords(plan), plan },
        });
      }
      return { plans: sorted([...plans.values()]), offline: null };
    } catch (error) {
      const { code, message } = asFederationError(error);
      if (code === 'CONFIG_INVALID' || code === 'INTERNAL') throw error;
      return { plans: sorted(known), offline: message };
    }
  }

  /** @throws {FederationError} as `approveByHash` */
  async approve(hash: string): Promise<void> {
    const { http, identity } = await this.line();
    await approveByHash(this.home, identity, http, hash);
  }

  /** @throws {FederationError} as `refuseByHash` */
  async refuse(hash: string): Promise<void> {
    const { http, identity } = await this.line();
    await refuseByHash(this.home, identity, http, hash);
  }

  private async known(): Promise<PlanReview[]> {
    const refused = await new Refusals(this.home).list();
    const approvals = await new Approvals(this.home).list();
    const approved = approvals
      .filter(({ hash }) => refused.every((other) => other.hash !== hash))
      .map((approval) => reviewOf(approval));
    return [
      ...approved,
      ...refused.map(({ study, hash, refusedAt }): PlanReview => {
        const plan = approvals.find((approval) => approval.hash === hash)?.plan ?? null;
        return { study, hash, state: 'refused', at: refusedAt, words: plan && planInWords(plan), plan };
      }),
    ];
  }

  private async planOf(http: HttpClient, study: string, hash: string): Promise<StudyPlan> {
    const plan = this.fetched.get(hash) ?? (await fetchPlan(http, study, hash));
    this.fetched.set(hash, plan);
    return plan;
  }

  /** @throws {FederationError} `SITE_UNKNOWN` for a home that never enrolled */
  private async line(): Promise<Line> {
    const identity = await loadIdentity(this.home);
    // After a rotation of keys or a new enrolment the session is another.
    const isSame = JSON.stringify(this.opened?.identity) === JSON.stringify(identity);
    if (this.opened === null || !isSame) {
      this.opened = { identity, http: coordinatorHttp(this.home, identity) };
    }
    return this.opened;
  }
}

function reviewOf({ study, hash, plan, approvedAt, ended }: Approval): PlanReview {
  const state = ended === undefined ? 'approved' : 'ended';
  return { study, hash, state, at: approvedAt, words: planInWords(plan), plan };
}

/** What waits for a decision stands first, then the latest decision. */
function sorted(plans: readonly PlanReview[]): PlanReview[] {
  const order = ['waiting', 'approved', 'refused', 'ended'];
  return [...plans].sort(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      (b.at ?? '').localeCompare(a.at ?? '') ||
      a.hash.localeCompare(b.hash),
  );
}
