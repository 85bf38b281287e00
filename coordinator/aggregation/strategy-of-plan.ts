import type { AggregationPlan, ServerPlan } from '@fedoxnet/shared/study/aggregation-plan';
import type { ModulesInStage } from '@fedoxnet/shared/study/stage-plan';
import { supervisionAwareRule, supportedModulesRule, weightedMeanRule, type MassRule } from './mass-rules.js';
import { coordinateMedian } from './robust/median.js';
import { trimmedMean } from './robust/trimmed-mean.js';
import { addDelta } from './server/add-delta.js';
import { fedAdagrad } from './server/fed-adagrad.js';
import { fedAdam } from './server/fed-adam.js';
import { fedAvgM } from './server/fed-avg-m.js';
import { fedYogi } from './server/fed-yogi.js';
import type { AggregationStrategy, Combiner, MassesOf, ServerStep, SurveyKind } from './strategy.js';
import { weightedMean } from './weighted-mean.js';

/**
 * The four parts of a plan's strategy; each is chosen apart from the others.
 * @param modules which ones sites without labels change in the round's stage
 */
export function strategyOfPlan(plan: AggregationPlan, modules: ModulesInStage = 'all'): AggregationStrategy {
  return {
    massesOf: massesOf(plan, modules),
    survey: surveyOf(plan),
    combiner: combinerOf(plan.robust),
    prototypeCombiner: prototypeCombinerOf(plan.robust),
    server: serverOf(plan.server),
    prototypeDecay: plan.prototypeDecay,
  };
}

function ruleOf(strategy: AggregationPlan['strategy'], modules: ModulesInStage): MassRule {
  if (strategy === 'weighted-mean') return weightedMeanRule;
  return modules === 'supported' ? supportedModulesRule : supervisionAwareRule;
}

/** A robust rule believes of a mass only that there is some. */
function massesOf({ strategy, robust }: AggregationPlan, modules: ModulesInStage): MassesOf {
  const rule = ruleOf(strategy, modules);
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
      return coordinateMedian(robust.hostile);
    case 'trimmed-mean':
      return trimmedMean(robust.hostile);
    case 'krum':
    case 'multi-krum':
    case undefined:
      return weightedMean;
  }
}

/**
 * Prototypes are no part of the distances by which Krum chooses, so one that it chose may hold any. They are combined by the
 * median of all sites instead.
 */
function prototypeCombinerOf(robust: AggregationPlan['robust']): Combiner {
  if (robust?.rule === 'krum' || robust?.rule === 'multi-krum') return coordinateMedian(robust.hostile);
  return combinerOf(robust);
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
