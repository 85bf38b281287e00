import type { StudyPlan } from '@fedoxnet/shared/study/plan';

/** A plan for tests that move weights and train nothing: two classes, two rounds, two sites. */
export function smallPlan(change: Partial<StudyPlan> = {}): StudyPlan {
  return {
    version: 1,
    study: 'small',
    title: 'A small study',
    classes: ['Mass', 'Effusion'],
    rounds: 2,
    sites: ['north', 'south'],
    quorum: 2,
    roundDeadlineSeconds: 60,
    model: {
      backbone: 'tiny',
      size: 128,
      channels: 1,
      norm: 'group',
      levels: [3, 7],
      anchorScale: 2,
      width: 16,
      headDepth: 1,
      seed: 5,
    },
    training: {
      localSteps: 3,
      batch: { box: 1, image: 1, none: 0 },
      optimizer: {
        kind: 'sgd',
        learningRate: 0.01,
        warmupSteps: 0,
        finalFraction: 1,
        weightDecay: 0,
        clipNorm: 5,
      },
      augmentation: { photometric: 0, flip: false, jitter: 0 },
      losses: {
        focal: 1,
        regression: 1,
        image: 1,
        intra: 0,
        inter: 0,
        soft: 0,
        softRegression: 0,
        teacherFromRound: 9,
        rampFraction: 0,
      },
      teacher: { decay: 0.99, keepScore: 0.5 },
    },
    aggregation: { strategy: 'weighted-mean', prototypeDecay: 0 },
    evaluation: { ious: [0.4, 0.5] },
    ...change,
  };
}
