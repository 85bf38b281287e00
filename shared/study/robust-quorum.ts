import type { RobustPlan } from './aggregation-plan.js';

/** Updates without which a robust rule cannot hold against its f hostile ones; the paper of each is named where it is computed. */
export function updatesNeeded(robust: RobustPlan): number {
  const { hostile } = robust;
  switch (robust.rule) {
    case 'median':
    case 'trimmed-mean':
      return 2 * hostile + 1;
    case 'krum':
      return 2 * hostile + 3;
    case 'multi-krum':
      return Math.max(2 * hostile + 3, robust.keep + hostile + 2);
  }
}
