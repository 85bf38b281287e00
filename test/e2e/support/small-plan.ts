import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { samplePlan } from '../../shared/study/sample-plan.js';

/** A plan for tests that move weights and train nothing: two classes, two rounds, two sites. */
export function smallPlan(change: Partial<StudyPlan> = {}): StudyPlan {
  return {
    ...samplePlan,
    study: 'small',
    title: 'A small study',
    classes: ['Mass', 'Effusion'],
    rounds: 2,
    sites: ['north', 'south'],
    roundDeadlineSeconds: 60,
    training: { ...samplePlan.training, localSteps: 3 },
    aggregation: { strategy: 'weighted-mean', prototypeDecay: 0 },
    evaluation: { ious: [0.4, 0.5], suppressBelow: 1 },
    ...change,
  };
}
