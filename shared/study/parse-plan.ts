import { FederationError } from '../errors.js';
import { firstIssue } from '../protocol/parse-issue.js';
import { labelContradictions } from './label-names.js';
import { studyPlan, type StudyPlan } from './plan.js';
import { stageContradictions } from './stage-plan.js';
import { strategyContradictions } from './strategy-contradictions.js';
import { teacherContradictions } from './teacher-plan.js';

/** Fields that contradict each other, each as `path: what is wrong`. */
function contradictions(plan: StudyPlan): string[] {
  const found: string[] = [];
  const refuseRepeats = (path: string, names: readonly (string | number)[]): void => {
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) found.push(`${path}.${index}: ${name} is listed twice`);
    });
  };
  refuseRepeats('classes', plan.classes);
  found.push(...labelContradictions(plan.labels, plan.classes));
  refuseRepeats('sites', plan.sites);
  refuseRepeats('evaluation.ious', plan.evaluation.ious);
  if (plan.quorum > plan.sites.length) {
    found.push(`quorum: ${plan.quorum} is more than the ${plan.sites.length} sites`);
  }
  const { box, image, none } = plan.training.batch;
  if (box + image + none < 1) found.push('training.batch: a mini-batch needs at least one film');
  found.push(...stageContradictions(plan.training.stages ?? [], plan));
  found.push(...teacherContradictions(plan.training.teacher));
  // A film must still have one cell at the coarsest level: stride 2^level.
  const coarsest = plan.model.levels[1];
  if (plan.model.size < 2 ** coarsest) {
    found.push(
      `model.levels.1: level ${coarsest} has a stride of ${2 ** coarsest}, above the size ${plan.model.size}`,
    );
  }
  return [...found, ...strategyContradictions(plan)];
}

/**
 * A plan from a file or the wire. `training.losses.teacherFromRound` may exceed `rounds`: the teacher then stays out.
 * @throws {FederationError} `PLAN_INVALID` naming the first wrong field
 */
export function parseStudyPlan(value: unknown): StudyPlan {
  const parsed = studyPlan.safeParse(value);
  if (!parsed.success) {
    throw new FederationError('PLAN_INVALID', `The plan is invalid: ${firstIssue(parsed.error)}.`);
  }
  const [contradiction] = contradictions(parsed.data);
  if (contradiction !== undefined) {
    throw new FederationError('PLAN_INVALID', `The plan is invalid: ${contradiction}.`);
  }
  return parsed.data;
}
