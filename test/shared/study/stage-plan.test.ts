import { expect } from 'chai';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { quorumIn, stageOf, whyWaits, type StagePlan } from '@fedoxnet/shared/study/stage-plan';
import { asksGlobalModel } from '@fedoxnet/shared/study/teacher-plan';
import { expectRefusal } from '../refusal.js';
import { samplePlan } from './sample-plan.js';

const stages: StagePlan[] = [
  { fromRound: 1, films: ['box'] },
  { fromRound: 2, films: ['box', 'image'], modules: 'supported' },
  { fromRound: 5, films: ['box', 'image', 'none'] },
];
const films = (box: number, image: number, none: number) => ({ box, image, none });

describe('stages of a plan', () => {
  it('last from their first round to the next stage', () => {
    expect([1, 2, 3, 4, 5, 9].map((round) => stageOf(stages, round).fromRound)).to.deep.equal([
      1, 2, 2, 2, 5, 5,
    ]);
    expect(stageOf(undefined, 3)).to.deep.equal({ fromRound: 1, films: ['box', 'image', 'none'] });
  });

  it('let a site wait while none of its films teach, and say until when', () => {
    expect(whyWaits(stages, films(1, 0, 9), 1)).to.equal(null);
    expect(whyWaits(stages, films(0, 3, 9), 1)).to.equal(
      'Only films with boxes teach in round 1 and the site has none: it waits for round 2.',
    );
    expect(whyWaits(stages, films(0, 0, 9), 4)).to.equal(
      'Only films with boxes or image labels teach in round 4 and the site has none: it waits for round 5.',
    );
    expect(whyWaits(stages, films(0, 0, 9), 5)).to.equal(null);
    expect(whyWaits(stages.slice(0, 2), films(0, 0, 9), 2)).to.contain('no later stage asks for its films');
  });

  it('set the quorum of their rounds, or leave the plan’s', () => {
    const plan = { quorum: 3, stages: [{ ...stages[0]!, quorum: 1 }, stages[1]!] };
    expect([1, 2].map((round) => quorumIn(plan, round))).to.deep.equal([1, 3]);
    expect(quorumIn({ quorum: 3 }, 1)).to.equal(3);
  });

  it('never let a site wait where the plan has no stages', () => {
    expect(whyWaits(undefined, films(0, 0, 0), 1)).to.equal(null);
  });
});

describe('choices of stages and teacher', () => {
  const withTraining = (change: Partial<StudyPlan['training']>): StudyPlan => ({
    ...samplePlan,
    rounds: 5,
    training: { ...samplePlan.training, ...change },
  });
  const teacher = samplePlan.training.teacher;

  it('are taken as they are, and leave the hash of a plan without them alone', () => {
    const plan = withTraining({
      stages,
      teacher: { ...teacher, unknown: 'global', agreement: { iou: 0.5 } },
    });
    expect(parseStudyPlan(JSON.parse(JSON.stringify(plan)))).to.deep.equal(plan);
    // As it was before plans could choose them.
    expect(planHash(samplePlan)).to.equal('626b37a1a6c14b41400ed84d4f89dca35b8e7c6d2aa8f50b590070fa7a705094');
  });

  it('say whether a second teacher is asked', () => {
    expect(asksGlobalModel(teacher)).to.equal(false);
    expect(asksGlobalModel({ ...teacher, unknown: 'mean' })).to.equal(false);
    expect(asksGlobalModel({ ...teacher, unknown: 'global' })).to.equal(true);
    expect(asksGlobalModel({ ...teacher, agreement: { iou: 0.5 } })).to.equal(true);
    // The mean teacher then is the global model.
    expect(asksGlobalModel({ ...teacher, decay: 1, unknown: 'global' })).to.equal(false);
  });

  const refused: [string, Partial<StudyPlan['training']>, string][] = [
    ['no stage', { stages: [] }, 'training.stages: '],
    ['a late first stage', { stages: stages.slice(1) }, 'stages.0.fromRound: the first stage begins with'],
    ['stages that do not rise', { stages: [...stages, stages[1]!] }, 'stages.3.fromRound: 2 is not after 5'],
    [
      'a stage after the last round',
      { stages: [stages[0]!, { fromRound: 6, films: ['none'] }] },
      'stages.1.fromRound: 6 is after the last round, 5',
    ],
    [
      'a quorum above the sites',
      { stages: [{ fromRound: 1, films: ['box'], quorum: 3 }] },
      'stages.0.quorum: 3 is more than the 2 sites',
    ],
    ['a stage without films', { stages: [{ fromRound: 1, films: [] }] }, 'stages.0.films'],
    [
      'a kind twice',
      { stages: [{ fromRound: 1, films: ['box', 'box'] }] },
      'stages.0.films.1: box is listed twice',
    ],
    [
      'teachers that always agree',
      { teacher: { ...teacher, decay: 1, agreement: { iou: 0.5 } } },
      'training.teacher.agreement: ',
    ],
    ['an agreement without overlap', { teacher: { ...teacher, agreement: { iou: 0 } } }, 'agreement.iou'],
  ];
  for (const [what, change, message] of refused) {
    it(`are refused with ${what}`, () => {
      expectRefusal(() => parseStudyPlan(withTraining(change)), 'PLAN_INVALID', message);
    });
  }
});
