import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';

/** The smallest model in which every rule of aggregation has something to do: K = 2 classes. */
export const CLASSES = ['Nodule', 'Effusion'];

export const ROLES: TensorRoles = {
  'stem.kernel': { module: 'backbone' },
  'class.kernel': { module: 'classSubnet', classAxis: 1 },
  prototypes: { module: 'prototypes', classAxis: 0 },
};

/** stem [2], class [1, 2], prototypes [2, 2] in that order. */
export function weights(
  stem: readonly number[],
  classRow: readonly number[],
  prototypes: readonly number[],
): WeightMap {
  return new Map([
    ['stem.kernel', { shape: [2], values: Float32Array.from(stem) }],
    ['class.kernel', { shape: [1, 2], values: Float32Array.from(classRow) }],
    ['prototypes', { shape: [2, 2], values: Float32Array.from(prototypes) }],
  ]);
}

export function initialModel(): Uint8Array {
  return encodeSafetensors(weights([1, 2], [3, 4], [0, 0, 1, 1]), { roles: JSON.stringify(ROLES) });
}

export function planFor(
  study: string,
  sites: readonly string[],
  changes: Partial<StudyPlan> = {},
): StudyPlan {
  return {
    version: 1,
    study,
    title: 'Three tensors',
    classes: CLASSES,
    rounds: 1,
    sites: [...sites],
    quorum: sites.length,
    roundDeadlineSeconds: 60,
    model: {
      backbone: 'tiny',
      size: 128,
      channels: 1,
      norm: 'group',
      levels: [3, 5],
      anchorScale: 2,
      width: 16,
      headDepth: 1,
      seed: 1,
    },
    training: {
      localSteps: 3,
      batch: { box: 1, image: 1, none: 0 },
      optimizer: {
        kind: 'adam',
        learningRate: 0.001,
        warmupSteps: 0,
        finalFraction: 1,
        weightDecay: 0,
        clipNorm: 1,
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
        teacherFromRound: 1,
        rampFraction: 0,
      },
      teacher: { decay: 0.99, keepScore: 0.5 },
    },
    aggregation: { strategy: 'supervision-aware', prototypeDecay: 0.5 },
    evaluation: { ious: [0.4, 0.5, 0.75] },
    ...changes,
  };
}
