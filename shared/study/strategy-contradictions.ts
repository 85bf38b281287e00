import type { StudyPlan } from './plan.js';
import { updatesNeeded } from './robust-quorum.js';
import { leastQuorum } from './stage-plan.js';
import { transferOf } from './transfer-plan.js';

/** Strategies that cannot do what they promise under this plan, each as `path: what is wrong`. */
export function strategyContradictions(plan: StudyPlan): string[] {
  return [...tooManyHostile(plan), ...scaffoldMisfits(plan), ...otherMisfits(plan)];
}

/** A round may close with no more than its quorum, or its stage's, so a rule must hold against f hostile of that many. */
function tooManyHostile({ aggregation: { robust }, quorum, training: { stages } }: StudyPlan): string[] {
  if (robust === undefined) return [];
  const [least, needed] = [leastQuorum({ quorum, stages }), updatesNeeded(robust)];
  if (least >= needed) return [];
  const kept = robust.rule === 'multi-krum' ? ` that keeps ${robust.keep}` : '';
  return [
    `aggregation.robust: ${robust.rule} against ${robust.hostile} hostile${kept} needs a quorum of at least ${needed}, not ${least}`,
  ];
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

/**
 * How much longer rounding makes an update at most: fp16 moves a number by 2⁻¹¹ of itself. Of int8, nearest doubles the number
 * that is half a step; stochastic makes a tensor of 590,000 numbers 2.7 times as long in the mean at worst, √(1 + √n / 127).
 */
const LENGTHENED = { fp32: 1, fp16: 1.001, int8: 4 } as const;

function clipMisfits(plan: StudyPlan): string[] {
  const { clipNorm, maxNorm, update, errorFeedback } = transferOf(plan);
  if (clipNorm === undefined) return [];
  if (errorFeedback)
    return ['transfer.clipNorm: what error feedback adds comes after it, so that it would bound nothing'];
  const longest = clipNorm * LENGTHENED[update];
  return longest > maxNorm
    ? [`transfer.clipNorm: updates of a norm up to ${longest} are sent, but those above ${maxNorm} refused`]
    : [];
}

function otherMisfits(plan: StudyPlan): string[] {
  const found = clipMisfits(plan);
  if (plan.training.norms === 'local' && plan.model.norm === 'frozen')
    found.push(
      'training.norms: frozen norms are the same at all sites and never trained: none can stay local',
    );
  return found;
}
