import { hasControls } from '@fedoxnet/shared/study/drift-plan';
import type { RoundRecord } from '../storage/round-store.js';
import type { StudyRow } from '../storage/study-tables.js';
import type { RoundRun, StudyRun } from './run.js';

function roundRun({ round, sites }: RoundRecord): RoundRun {
  const { number, attempt, state, deadline, startedAt, phaseSince, endedAt, seconds } = round;
  const parts = sites.map((row) => {
    const { site, state: siteState, reason, evaluation, stages, carried, filmShare } = row;
    const due = row.due?.getTime() ?? null;
    return [site, { state: siteState, reason, evaluation, stages, due, carried, filmShare }] as const;
  });
  return {
    number,
    attempt,
    state,
    deadline: deadline?.getTime() ?? null,
    startedAt: startedAt.getTime(),
    phaseSince: phaseSince.getTime(),
    endedAt: endedAt?.getTime() ?? null,
    seconds,
    sites: Object.fromEntries(parts),
  };
}

/** The rules' view of what the database holds. */
export function loadRun(
  study: StudyRow,
  latest: RoundRecord | null,
  standing: StudyRun['standing'],
  leaseMs: number,
): StudyRun {
  const { plan } = study;
  const values = (study.model?.tensors ?? []).reduce(
    (sum, [, shape]) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  return {
    study: study.name,
    state: study.state,
    reason: study.reason,
    rounds: plan.rounds,
    quorum: plan.quorum,
    deadlineMs: plan.roundDeadlineSeconds * 1000,
    leaseMs,
    stragglers: plan.stragglers ?? 'drop',
    stages: plan.training.stages,
    steps: plan.training.localSteps,
    bytes: values * Float32Array.BYTES_PER_ELEMENT * (hasControls(plan) ? 2 : 1),
    standing,
    round: latest === null ? null : roundRun(latest),
  };
}
