import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { Approvals } from '../../agent/approvals.js';
import { HttpClient } from '../../agent/http-client.js';
import { loadIdentity } from '../../agent/identity.js';
import { approvePlan, listStudies } from '../../agent/plan-approval.js';
import { readPolicy } from '../../agent/policy.js';
import { requirePlanAllowed } from '../../agent/policy-rules.js';
import { Session } from '../../agent/session.js';
import type { Outcome } from '../terminal.js';

/** Finds the plan by its hash, keeps it at the site, and sends the signed approval. */
export async function approve(hash: string, options: { readonly home: string }): Promise<Outcome> {
  const home = resolve(options.home);
  const identity = await loadIdentity(home);
  const traffic = { sent: 0, received: 0 };
  const session = new Session(identity, new HttpClient(identity.address, traffic));
  const http = new HttpClient(identity.address, traffic, session);
  const found = (await listStudies(http)).find((study) => study.hash === hash);
  if (found === undefined) {
    throw new FederationError(
      'NOT_FOUND',
      `No study at ${identity.address} has a plan ${hash} for this site.`,
    );
  }
  const policy = await readPolicy(home);
  const plan = await approvePlan(http, identity, new Approvals(home), found.study, hash, (offered) =>
    requirePlanAllowed(policy, offered),
  );
  return {
    document: { study: found.study, hash, plan },
    text: `${describePlan(plan)}\n\nApproved at site ${identity.site}: ${hash}`,
  };
}

/** What a person at the site should see before and after saying yes. */
function describePlan(plan: StudyPlan): string {
  const { model, training, aggregation } = plan;
  const lines: [string, string][] = [
    ['study', `${plan.study} — ${plan.title}`],
    ['classes', plan.classes.join(', ')],
    ['sites', `${plan.sites.join(', ')} (quorum ${plan.quorum})`],
    ['rounds', `${plan.rounds}, ${training.localSteps} steps each, ${plan.roundDeadlineSeconds} s at most`],
    ['model', `OXnet ${model.backbone}, ${model.size}×${model.size} pixels, seed ${model.seed}`],
    ['optimiser', `${training.optimizer.kind}, rate ${training.optimizer.learningRate}`],
    ['aggregation', aggregation.strategy],
    ['leaves the site', 'sealed weight deltas, evidence counts, losses, match counts of held-out films'],
    ['', 'and the census, if policy.json shares it'],
  ];
  return lines.map(([name, value]) => `${name.padEnd(16)}${value}`).join('\n');
}
