import { resolve } from 'node:path';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { coordinatorHttp } from '../../agent/coordinator-http.js';
import { loadIdentity } from '../../agent/identity.js';
import { planInWords } from '../../agent/plan-words.js';
import { approveByHash, refuseByHash } from '../../agent/plan-decision.js';
import type { Outcome } from '../terminal.js';

interface HomeOption {
  readonly home: string;
}

/** Finds the plan by its hash, keeps it at the site, and sends the signed approval. */
export async function approve(hash: string, options: HomeOption): Promise<Outcome> {
  const home = resolve(options.home);
  const identity = await loadIdentity(home);
  const plan = await approveByHash(home, identity, coordinatorHttp(home, identity), hash);
  return {
    document: { study: plan.study, hash, plan },
    text: `${describePlan(plan)}\n\nApproved at site ${identity.site}: ${hash}`,
  };
}

/** Says no to a plan, approved or not; stays at the site. */
export async function refuse(hash: string, options: HomeOption): Promise<Outcome> {
  const home = resolve(options.home);
  const identity = await loadIdentity(home);
  const { study, refusedAt } = await refuseByHash(home, identity, coordinatorHttp(home, identity), hash);
  return {
    document: { study, hash, refusedAt },
    text: `Refused at site ${identity.site}: plan ${hash} of ${study}. Nothing is computed for it.`,
  };
}

function describePlan(plan: StudyPlan): string {
  return planInWords(plan)
    .map(({ name, text }) => `${name.padEnd(18)}${text}`)
    .join('\n');
}
