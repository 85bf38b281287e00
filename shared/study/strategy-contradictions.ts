import type { StudyPlan } from './plan.js';
import { transferOf } from './transfer-plan.js';

/** Strategies that cannot do what they promise under this plan, each as `path: what is wrong`. */
export function strategyContradictions(plan: StudyPlan): string[] {
  return [...tooManyHostile(plan), ...scaffoldMisfits(plan), ...otherMisfits(plan)];
}

/** A round may close with no more than its quorum, so a rule must hold against f hostile of that many. */
function tooManyHostile({ aggregation: { robust }, quorum }: StudyPlan): string[] {
  switch (robust?.rule) {
    case undefined:
      return [];
    case 'median':
      return quorum < 3
        ? [`aggregation.robust: the median of ${quorum} outvotes nobody; the quorum must be at least 3`]
        : [];
    case 'trimmed-mean': {
      const { hostile } = robust;
      if (quorum > 2 * hostile) return [];
      return [
        `aggregation.robust.hostile: of ${quorum} updates, the quorum, none is left when ${hostile} at each end are cut; the quorum must be at least ${2 * hostile + 1}`,
      ];
    }
    case 'krum':
    case 'multi-krum': {
      const { hostile } = robust;
      if (quorum < 2 * hostile + 3)
        return [
          `aggregation.robust.hostile: Krum against ${hostile} hostile needs a quorum of at least ${2 * hostile + 3}, not ${quorum}`,
        ];
      const most = quorum - hostile - 2;
      return robust.rule === 'multi-krum' && robust.keep > most
        ? [
            `aggregation.robust.keep: of ${quorum} updates, the quorum, at most ${most} can be trusted, not ${robust.keep}`,
          ]
        : [];
    }
  }
}

/** SCAFFOLD's corrections cancel out over the sites only as long as everything between them is a plain mean. */
function scaffoldMisfits(plan: StudyPlan): string[] {
  const { training, aggregation } = plan;
  if (training.drift?.method !== 'scaffold') return [];
  const { update, errorFeedback, clipNorm } = transferOf(plan);
  const path = 'training.drift';
  const misfits: [boolean, string][] = [
    [
      training.optimizer.kind !== 'sgd',
      'its corrections are steps of SGD; Adam would scale them at each site',
    ],
    [training.norms === 'local', 'it cannot correct norms that stay at each site'],
    [
      aggregation.robust !== undefined || aggregation.normBound !== undefined,
      'no robust rule looks at control variates, so a hostile site would turn all others by them',
    ],
    [update !== 'fp32' || errorFeedback, 'control variates travel in fp32 alone'],
    [
      training.stages?.some(({ modules }) => modules === 'supported') ?? false,
      'it corrects all modules in every round',
    ],
    [clipNorm !== undefined, 'an update that was shortened no longer fits its control variates'],
  ];
  return misfits.filter(([isSo]) => isSo).map(([, why]) => `${path}: SCAFFOLD does not fit: ${why}`);
}

function otherMisfits(plan: StudyPlan): string[] {
  const found: string[] = [];
  const { clipNorm, maxNorm } = transferOf(plan);
  if (clipNorm !== undefined && clipNorm > maxNorm)
    found.push(
      `transfer.clipNorm: updates of a norm up to ${clipNorm} are sent, but those above ${maxNorm} refused`,
    );
  if (plan.training.norms === 'local' && plan.model.norm === 'frozen')
    found.push(
      'training.norms: frozen norms are the same at all sites and never trained: none can stay local',
    );
  return found;
}
