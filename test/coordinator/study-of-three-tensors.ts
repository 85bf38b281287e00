import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { samplePlan } from '../shared/study/sample-plan.js';

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
    ...samplePlan,
    study,
    title: 'Three tensors',
    classes: CLASSES,
    rounds: 1,
    sites: [...sites],
    quorum: sites.length,
    roundDeadlineSeconds: 60,
    training: { ...samplePlan.training, localSteps: 10 },
    aggregation: { strategy: 'supervision-aware', prototypeDecay: 0.5 },
    evaluation: { ious: [0.4, 0.5, 0.75], suppressBelow: 1 },
    ...changes,
  };
}
