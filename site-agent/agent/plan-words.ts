import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';

/** One thing that a plan says. */
export interface PlanSentence {
  readonly name: string;
  readonly text: string;
}

const NUMBERS = { fp32: 'full', fp16: 'half', int8: 'one-byte' } as const;

/** What a person at the site should know before saying yes: a plan in plain words, the weightiest first. */
export function planInWords(plan: StudyPlan): PlanSentence[] {
  const { model, training, aggregation, rounds, sites, quorum } = plan;
  const { update } = transferOf(plan);
  const minutes = Math.round(plan.roundDeadlineSeconds / 6) / 10;
  const say = (name: string, text: string): PlanSentence => ({ name, text });
  return [
    say('study', `${plan.study} — ${plan.title}`),
    say('learns', `to find and box ${listed(plan.classes)} on frontal chest films`),
    say('hospitals', `${listed(sites)}; a release needs updates of at least ${quorum} of ${sites.length}`),
    say(
      'work here',
      `${rounds} rounds of ${training.localSteps} training steps each, at most ${minutes} minutes a round; this machine reads your films at ${model.size}×${model.size} pixels`,
    ),
    say(
      'leaves the site',
      `sealed changes of the model's weights (${NUMBERS[update]} precision), how much evidence there was for each class, losses and speed, and for held-out films how many boxes were right at which score`,
    ),
    say('', 'and the census, if policy.json shares it'),
    say('stays here', 'every film, box, label, film name and patient name'),
    say('unlabelled films', teacherText(plan)),
    say(
      'model',
      `OXnet ${model.backbone}, seed ${model.seed}; ${training.optimizer.kind}, rate ${training.optimizer.learningRate}`,
    ),
    say(
      'together',
      aggregation.strategy === 'supervision-aware'
        ? 'each part of the model is averaged over the hospitals that have labels for it'
        : 'the model is averaged over the hospitals by their number of films',
    ),
    say('late updates', plan.stragglers === 'carry' ? 'are counted in the next round' : 'are not counted'),
  ];
}

function teacherText({ rounds, training: { losses } }: StudyPlan): string {
  const unused = losses.soft === 0 && losses.softRegression === 0;
  if (unused || losses.teacherFromRound > rounds) return 'are not used';
  const from = losses.teacherFromRound === 1 ? '' : ` from round ${losses.teacherFromRound} on`;
  return `help through a teacher, an average of the model that trains here${from}`;
}

function listed(names: readonly string[]): string {
  const [last = '', ...others] = [...names].reverse();
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`;
}
