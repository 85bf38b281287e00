import { GROUNDS, type Grounds } from './grounds.js';
import type { ChaosCase } from './cases.js';
import { runTrial, type Outcome } from './trial.js';
import { NOT_HAPPENED, verdicts } from './verdict.js';

/** `skipped` says why the fault cannot be made here. */
export interface CaseResult {
  readonly chaos: ChaosCase;
  readonly skipped: string | null;
  readonly complaints: readonly string[];
}

export interface Campaign {
  readonly grounds: Grounds;
  readonly undisturbed: Outcome;
  readonly onResult: (result: CaseResult) => void;
  readonly onStudy: (outcome: Outcome) => void;
}

/** A case that its study had no room for gets this many more. */
const TRIES = 3;

/** Tries all cases, as many in one study as it has rounds for, and goes on with a fresh study after a case that spoils one. */
export async function runCampaign(campaign: Campaign, cases: readonly ChaosCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const ground of GROUNDS) {
    const here = cases.filter((chaos) => chaos.ground === ground);
    const tries = new Map<ChaosCase, number>();
    let waiting = arranged(here);
    while (waiting.length > 0) {
      const fresh = await campaign.grounds.fresh(ground);
      if (typeof fresh === 'string') {
        for (const chaos of waiting) report({ chaos, skipped: fresh, complaints: [] });
        break;
      }
      const outcome = await runTrial(fresh, waiting);
      campaign.onStudy(outcome);
      const judged = verdicts(outcome, campaign.undisturbed);
      const again: ChaosCase[] = [];
      outcome.tried.forEach(({ chaos }, index) => {
        const complaints = judged[index] ?? null;
        const tried = (tries.get(chaos) ?? 0) + 1;
        tries.set(chaos, tried);
        const unknown = complaints === null || (complaints.length === 1 && complaints[0] === NOT_HAPPENED);
        if (unknown && tried < TRIES) again.push(chaos);
        else report({ chaos, skipped: null, complaints: complaints ?? ['studies were spoilt before it'] });
      });
      waiting = arranged([...again, ...waiting.slice(outcome.tried.length)]);
    }
  }
  return results;

  function report(result: CaseResult): void {
    results.push(result);
    campaign.onResult(result);
  }
}

/** One case of a study's start first, one of its end last, as far as there are any. */
function arranged(cases: readonly ChaosCase[]): ChaosCase[] {
  const first = cases.find(({ when }) => when === 'at the start');
  const others = cases.filter(({ when }) => when === undefined);
  const rest = cases.filter((chaos) => chaos.when !== undefined && chaos !== first);
  return [...(first === undefined ? [] : [first]), ...others, ...rest];
}
