import { hasControls } from '@fedoxnet/shared/study/drift-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import { withControls } from '@fedoxnet/shared/weights/control-variates';
import { LENGTH_BYTES, MAX_HEADER_BYTES } from '@fedoxnet/shared/weights/safetensors-header';
import { encodedLayout } from '@fedoxnet/shared/weights/update-encoding';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';
import type { StoredModel } from '../storage/study-tables.js';

/** Names and shapes of an update before it is encoded: those of the model, and of control variates where the plan has them. */
export function travellingShapes(plan: StudyPlan, { tensors, roles }: StoredModel): WeightShapes {
  const shapes = new Map(tensors);
  return hasControls(plan) ? withControls(shapes, (name) => roles[name]?.module !== 'prototypes') : shapes;
}

/** The most bytes that an update's file can have: its numbers as the plan encodes them, behind the longest header of the format. */
export function mostUpdateBytes(plan: StudyPlan, model: StoredModel): number {
  const { update: encoding, scales } = transferOf(plan);
  const { dataBytes } = encodedLayout(travellingShapes(plan, model), { encoding, scales });
  return LENGTH_BYTES + MAX_HEADER_BYTES + dataBytes;
}
