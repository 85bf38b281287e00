import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { freshModel } from '../model/oxnet.js';

/** What a model file is made of: tensors and the strings of its safetensors header. */
export interface ModelFile {
  readonly weights: WeightMap;
  readonly metadata: Record<string, string>;
}

/**
 * Release 0 of a study: the network before any training, the same for the same plan wherever it is made, with
 * prototypes [K, D] of zeros. Needs no backend.
 */
export async function initialModel(
  plan: Pick<StudyPlan, 'study' | 'classes' | 'labels' | 'model'>,
): Promise<ModelFile> {
  const { weights, roles } = freshModel(plan.model, plan.classes.length);
  const metadata = {
    format: 'fedoxnet-1',
    study: plan.study,
    classes: JSON.stringify(plan.classes),
    ...(plan.labels === undefined ? {} : { labels: JSON.stringify(plan.labels) }),
    model: JSON.stringify(plan.model),
    roles: JSON.stringify(roles),
    release: '0',
  };
  return { weights, metadata };
}
