import type { AggregationPlan, ServerPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { supervisionAwareRule, weightedMeanRule } from './mass-rules.js';
import { coordinateMedian } from './robust/median.js';
import { trimmedMean } from './robust/trimmed-mean.js';
import { addDelta } from './server/add-delta.js';
import { fedAdagrad } from './server/fed-adagrad.js';
import { fedAdam } from './server/fed-adam.js';
import { fedAvgM } from './server/fed-avg-m.js';
import { fedYogi } from './server/fed-yogi.js';
import type { AggregationStrategy, Combiner, MassesOf, ServerStep, SurveyKind } from './strategy.js';
import { weightedMean } from './weighted-mean.js';

const RULES = { 'supervision-aware': supervisionAwareRule, 'weighted-mean': weightedMeanRule } as const;

/** The four parts of a plan's strategy; each is chosen apart from the others. */
export function strategyOfPlan(plan: AggregationPlan): AggregationStrategy {
  return {
    massesOf: massesOf(plan),
    survey: surveyOf(plan),
    combiner: combinerOf(plan.robust),
    server: serverOf(plan.server),
    prototypeDecay: plan.prototypeDecay,
  };
}

/** A robust rule believes of a mass only that there is some. */
function massesOf({ strategy, robust }: AggregationPlan): MassesOf {
  const rule = RULES[strategy];
  return (role, masses) => {
    const mass = rule(role, masses);
    const rows = typeof mass === 'number' ? Float64Array.of(mass) : Float64Array.from(mass);
    return robust === undefined ? rows : rows.map(Math.sign);
  };
}

function surveyOf({ normBound, robust }: AggregationPlan): SurveyKind {
  if (robust?.rule === 'krum' || robust?.rule === 'multi-krum') return 'distances';
  return normBound === undefined ? 'nothing' : 'norms';
}

function combinerOf(robust: AggregationPlan['robust']): Combiner {
  switch (robust?.rule) {
    case 'median':
      return coordinateMedian;
    case 'trimmed-mean':
      return trimmedMean(robust.hostile);
    case 'krum':
    case 'multi-krum':
    case undefined:
      return weightedMean;
  }
}

function serverOf(server: ServerPlan | undefined): ServerStep {
  switch (server?.optimizer) {
    case 'fedavgm':
      return fedAvgM(server);
    case 'fedadagrad':
      return fedAdagrad(server);
    case 'fedadam':
      return fedAdam(server);
    case 'fedyogi':
      return fedYogi(server);
    case undefined:
      return addDelta;
  }
}
