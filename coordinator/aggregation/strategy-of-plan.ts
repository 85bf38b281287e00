import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { supervisionAwareRule, weightedMeanRule } from './mass-rules.js';
import { massStrategy } from './mass-strategy.js';
import type { AggregationStrategy } from './strategy.js';

export function strategyOfPlan({ strategy, prototypeDecay }: StudyPlan['aggregation']): AggregationStrategy {
  switch (strategy) {
    case 'supervision-aware':
      return massStrategy(supervisionAwareRule, prototypeDecay);
    case 'weighted-mean':
      return massStrategy(weightedMeanRule, prototypeDecay);
  }
}
