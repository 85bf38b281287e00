import type { TrainingPlan } from '@fedoxnet/shared/study/plan';

/**
 * λ, the weight of the unsupervised terms in a step (oxnet.md D5): 0 before the plan's first teacher round; in that round
 * exp(−5 (1 − t)²), where t runs from 0 to 1 over the first `rampFraction` of its steps; 1 after.
 * @param round 1-based
 * @param step  0-based within the round
 */
export function unsupervisedRamp(
  plan: Pick<TrainingPlan, 'localSteps' | 'losses'>,
  round: number,
  step: number,
): number {
  const { teacherFromRound, rampFraction, soft, softRegression } = plan.losses;
  if (round < teacherFromRound || soft + softRegression === 0) return 0;
  const rampSteps = rampFraction * plan.localSteps;
  if (round > teacherFromRound || step >= rampSteps) return 1;
  return Math.exp(-5 * (1 - step / rampSteps) ** 2);
}
