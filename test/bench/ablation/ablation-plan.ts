import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import type { StudyPlan, TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { Arm } from './arms.js';

/** How long a study trains, and on how many films at a time. */
export interface Schedule {
  /** Side of the films in pixels. */
  readonly size: number;
  /** Steps on phantoms before anything else; 0 begins with an untrained network. */
  readonly practice: number;
  /** Phase 1 of the paper: steps on boxed films alone, shared by all rows of a repetition. */
  readonly burnIn: { readonly steps: number; readonly films: number };
  /** Phase 2: what each row does its own way. Films of each kind per step; a row leaves out kinds, never changes numbers. */
  readonly steps: number;
  readonly batch: TrainingPlan['batch'];
  readonly teacher: TrainingPlan['teacher'];
  readonly losses: TrainingPlan['losses'];
}

/** Of all of OXnet, but for the terms without a place held back: the prototypes' margin of 1 is far at this width (README.md). */
const LOSSES: TrainingPlan['losses'] = {
  ...{ focal: 1, regression: 1, image: 0.5, intra: 0.1, inter: 0.1, soft: 2, softRegression: 0 },
  // The unsupervised terms grow over the first quarter of the steps (oxnet.md D5).
  ...{ teacherFromRound: 1, rampFraction: 0.25 },
};

/** The paper's ε: with the demo's 1e-3 the global head hardly learned (README.md). */
const OPTIMIZER = { finalFraction: 0.05, epsilon: 1e-8 } as const;

export const PHANTOM_SCHEDULE: Schedule = {
  size: 96,
  practice: 0,
  burnIn: { steps: 500, films: 8 },
  steps: 450,
  batch: { box: 4, image: 6, none: 2 },
  teacher: { decay: 0.99, keepScore: 0.5, keepStrongest: 0.6, temperature: 0.5 },
  losses: LOSSES,
};

export const CXR_SCHEDULE: Schedule = { ...PHANTOM_SCHEDULE, size: 128, practice: 300 };

const BOXES_ALONE = { image: 0, intra: 0, inter: 0, soft: 0, softRegression: 0 } as const;

/** The plan of phase 1. */
export function burnInPlan(schedule: Schedule, classes: readonly string[], seed: number): StudyPlan {
  const { steps, films } = schedule.burnIn;
  return studyPlan(schedule, classes, seed, {
    steps,
    batch: { box: films, image: 0, none: 0 },
    losses: { ...schedule.losses, ...BOXES_ALONE },
  });
}

/** The plan of one row in phase 2. */
export function armPlan(schedule: Schedule, classes: readonly string[], seed: number, arm: Arm): StudyPlan {
  const { steps, batch } = schedule;
  return studyPlan(schedule, classes, seed, {
    steps,
    batch: {
      box: batch.box,
      image: arm.kinds.includes('image') ? batch.image : 0,
      none: arm.kinds.includes('none') ? batch.none : 0,
    },
    losses: { ...schedule.losses, ...arm.without },
  });
}

/** The demo's network and optimiser; levels whose anchors are larger than the film are left out. */
function studyPlan(
  { size, teacher }: Schedule,
  classes: readonly string[],
  seed: number,
  phase: Pick<TrainingPlan, 'batch' | 'losses'> & { readonly steps: number },
): StudyPlan {
  const plan = tinyPlan({
    ...{ study: 'ablation', classes, sites: ['all'], rounds: 1, localSteps: phase.steps, size, seed },
  });
  const { model, training } = plan;
  const optimizer = { ...training.optimizer, ...OPTIMIZER };
  // What a row does not use stays out of its plan, so that another choice there does not void its kept cells.
  const heard = phase.losses.soft + phase.losses.softRegression > 0;
  const { decay } = teacher;
  return {
    ...plan,
    model: { ...model, levels: [3, 5] },
    training: {
      ...training,
      ...{ batch: phase.batch, losses: phase.losses, optimizer },
      teacher: heard ? teacher : { decay, keepScore: 1 },
    },
  };
}
