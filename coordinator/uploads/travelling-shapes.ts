import { hasControls } from '@fedoxnet/shared/study/drift-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { withControls } from '@fedoxnet/shared/weights/control-variates';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';
import type { StoredModel } from '../storage/study-tables.js';

/** Names and shapes of an update before it is encoded: those of the model, and of control variates where the plan has them. */
export function travellingShapes(plan: StudyPlan, { tensors, roles }: StoredModel): WeightShapes {
  const shapes = new Map(tensors);
  return hasControls(plan) ? withControls(shapes, (name) => roles[name]?.module !== 'prototypes') : shapes;
}
