import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import { drawGeometry, IDENTITY, warpBoxes, warpPixels } from './geometry.js';
import { cutout, PHOTOMETRIC_OPERATIONS } from './photometric.js';
import type { Random } from '../random.js';

/** The two views of one film in one step. Both share the geometry, so their anchors and boxes line up (D12). */
export interface AugmentedFilm {
  /** [S · S] what the student sees: geometry, one photometric operation, cutout. */
  readonly student: Uint8Array;
  /** [S · S] what the teacher sees: geometry alone. */
  readonly teacher: Uint8Array;
  /** [n · 4] boxes still in view, and [n] their classes. */
  readonly boxes: Float32Array;
  readonly boxClasses: Int32Array;
}

/**
 * Draws one step's views of a film (oxnet.md §3, with the weak teacher of D12).
 * @param pixels [S · S] grey 0 … 255; read only
 */
export function augment(
  pixels: Uint8Array,
  boxes: Float32Array,
  boxClasses: Int32Array,
  size: number,
  plan: TrainingPlan['augmentation'],
  random: Random,
): AugmentedFilm {
  const geometry =
    plan.jitter > 0 || plan.flip ? drawGeometry(random, size, plan.jitter, plan.flip) : IDENTITY;
  const teacher = warpPixels(pixels, size, geometry);
  const moved = warpBoxes(boxes, size, geometry);

  let student = teacher;
  if (random.chance(plan.photometric)) {
    const operation = random.pick(PHOTOMETRIC_OPERATIONS[plan.operations ?? 'varied']);
    student = operation(teacher, random, size);
    cutout(student, random, size);
  }
  return {
    student,
    teacher,
    boxes: moved.boxes,
    boxClasses: Int32Array.from(moved.kept, (b) => boxClasses[b]!),
  };
}
