import type { StudyPlan } from '../study/plan.js';
import { clipUpdate } from './clip-update.js';
import type { UpdateStep } from './update-step.js';

/** What a plan does to an update before it is encoded, in order. Rounding to fewer bits comes after all of them, file by file. */
export function updateSteps({ transfer }: Pick<StudyPlan, 'transfer'>): UpdateStep[] {
  return transfer?.clipNorm === undefined ? [] : [clipUpdate(transfer.clipNorm)];
}
