import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { anchorGrid } from '../model/anchors.js';
import { freshModel, Oxnet, PROTOTYPES } from '../model/oxnet.js';
import { PHANTOM_CLASSES } from '../phantoms/lesions/lesion-kinds.js';
import { phantomFilmSet } from '../phantoms/phantom-film-set.js';
import { applyUpdate } from './apply-update.js';
import { initialModel, type ModelFile } from './initial-model.js';
import { trainLocalRound } from './local-round.js';
import { transplantWeights } from './transplant-weights.js';

/** What radiologists call findings that a phantom shows under another name: their class rows begin as that one. */
const SEEN_AS: Readonly<Record<string, string>> = {
  'Lung Opacity': 'Consolidation',
  Infiltration: 'Consolidation',
  Pneumonia: 'Consolidation',
};

/** A study of as many steps in five rounds learned faster than one long run (README.md, "Figures"). */
export const PHANTOM_START_ROUNDS = 5;

export interface PhantomStartOptions {
  /** What to practise with; the untrained network when left out. */
  readonly start?: ModelFile;
  readonly films: number;
  /** Optimiser steps, all rounds together. */
  readonly steps: number;
  /** Rounds the steps are divided into: each begins with a fresh optimiser. */
  readonly rounds: number;
  readonly onDrawn?: (done: number, total: number) => void;
  readonly onStep?: (done: number, total: number) => void;
}

/**
 * Release 0 that has seen phantoms: the plan's network, trained on drawn films of every unit with all boxes known, then
 * carried over to the plan's classes (`transplant-weights.ts`). No patient's film is involved, so anyone can make it
 * again. It stands in for the ImageNet weights of the paper (oxnet.md §1.1) where none can be had or none fit.
 * A TensorFlow.js backend must be ready. Equal plan and options give equal weights on the same backend.
 * @throws {FederationError} `TRAINING_DIVERGED` as `trainLocalRound`
 */
export async function phantomStart(plan: StudyPlan, options: PhantomStartOptions): Promise<ModelFile> {
  const { films, steps, rounds, onDrawn, onStep } = options;
  const { model } = plan;
  const start = options.start ?? (await initialModel(plan));
  const set = phantomFilmSet({
    films,
    seed: model.seed,
    size: model.size,
    ...(onDrawn && { onProgress: onDrawn }),
  });
  const localSteps = Math.ceil(steps / rounds);
  const practice = practicePlan(plan, rounds, localSteps);
  const classes = PHANTOM_CLASSES.length;
  const begun = { weights: start.weights, classes: plan.classes };
  const novice = freshModel(model, classes);
  const student = new Oxnet(model, classes);
  const teacher = new Oxnet(model, classes);
  try {
    let weights = transplantWeights(
      begun,
      { weights: novice.weights, classes: PHANTOM_CLASSES },
      novice.roles,
    );
    for (let round = 1; round <= rounds; round++) {
      student.setWeights(weights);
      teacher.setWeights(weights);
      const { update } = await trainLocalRound(
        {
          plan: practice,
          round,
          films: set,
          anchors: anchorGrid(model).boxes,
          global: weights,
          student,
          teacher,
        },
        { onStep: (step) => onStep?.((round - 1) * localSteps + step, rounds * localSteps) },
      );
      weights = new Map([...applyUpdate(weights, update), [PROTOTYPES, weights.get(PROTOTYPES)!]]);
    }
    const donor = { weights, classes: PHANTOM_CLASSES };
    return {
      weights: transplantWeights(donor, begun, novice.roles, SEEN_AS),
      metadata: { ...start.metadata, start: `${steps} steps on ${films} phantoms` },
    };
  } finally {
    student.dispose();
    teacher.dispose();
  }
}

/** The plan of the practice: same network and optimiser, boxed films alone, no teacher. */
function practicePlan(plan: StudyPlan, rounds: number, localSteps: number): StudyPlan {
  const { training } = plan;
  return {
    ...plan,
    classes: [...PHANTOM_CLASSES],
    rounds,
    training: {
      ...training,
      localSteps,
      stages: undefined,
      losses: { ...training.losses, soft: 0, softRegression: 0 },
    },
  };
}
