import type { StudyPlan } from '@fedoxnet/shared/study/plan';

/**
 * Rate of a step: linear warm-up at the start of the study, then a half cosine over all of its rounds down to
 * `finalFraction`. It depends on the round's number and on nothing that a site remembers, so a site that missed rounds, or
 * joins late, trains at the same rate as the others.
 * @param round 1-based
 * @param step  0-based within the round
 */
export function learningRate(
  plan: Pick<StudyPlan, 'rounds' | 'training'>,
  round: number,
  step: number,
): number {
  const { localSteps, optimizer } = plan.training;
  const { learningRate: peak, warmupSteps, finalFraction } = optimizer;
  const done = (round - 1) * localSteps + step;
  const warmup = done < warmupSteps ? (done + 1) / warmupSteps : 1;
  const progress = Math.min(1, done / (plan.rounds * localSteps));
  const cosine = finalFraction + ((1 - finalFraction) * (1 + Math.cos(Math.PI * progress))) / 2;
  return peak * warmup * cosine;
}
