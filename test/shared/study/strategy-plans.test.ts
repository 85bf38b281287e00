import { expect } from 'chai';
import type { AggregationPlan, RobustPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { StudyPlan, TrainingPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { expectRefusal } from '../refusal.js';
import { samplePlan } from './sample-plan.js';

const SITES = Array.from({ length: 9 }, (_, at) => `site-${at}`);

function plan(
  quorum: number,
  aggregation: Partial<AggregationPlan>,
  training: Partial<TrainingPlan> = {},
  rest: Partial<StudyPlan> = {},
): StudyPlan {
  return {
    ...samplePlan,
    sites: SITES,
    quorum,
    aggregation: { ...samplePlan.aggregation, ...aggregation },
    training: { ...samplePlan.training, ...training },
    ...rest,
  };
}

const refuse = (value: StudyPlan, text: string): void =>
  expectRefusal(() => parseStudyPlan(value), 'PLAN_INVALID', text);
const takes = (value: StudyPlan): void => void expect(parseStudyPlan(value)).to.deep.equal(value);

describe('a plan of strategies', () => {
  it('that names none has the hash it had before there were any', () => {
    const before = '626b37a1a6c14b41400ed84d4f89dca35b8e7c6d2aa8f50b590070fa7a705094';
    expect(planHash(parseStudyPlan(samplePlan))).to.equal(before);
    const other = plan(9, { server: { optimizer: 'fedavgm', learningRate: 1, momentum: 0.9 } });
    expect(planHash(parseStudyPlan(other))).to.not.equal(planHash(plan(9, {})));
  });

  it('needs a quorum that outvotes the hostile: one fewer is refused', () => {
    const rules: readonly (readonly [RobustPlan, needed: number])[] = [
      [{ rule: 'median', hostile: 2 }, 5],
      [{ rule: 'trimmed-mean', hostile: 2 }, 5],
      [{ rule: 'krum', hostile: 2 }, 7],
      [{ rule: 'multi-krum', hostile: 2, keep: 3 }, 7],
      [{ rule: 'multi-krum', hostile: 2, keep: 4 }, 8],
    ];
    for (const [robust, needed] of rules) {
      takes(plan(needed, { robust }));
      const fewer = plan(needed - 1, { robust });
      refuse(fewer, `aggregation.robust: ${robust.rule} against 2 hostile`);
      refuse(fewer, `needs a quorum of at least ${needed}, not ${needed - 1}`);
    }
  });

  it('needs it in every stage', () => {
    const median = { robust: { rule: 'median', hostile: 2 } } as const;
    const stages = (quorum: number): Pick<StudyPlan['training'], 'stages'> => ({
      stages: [
        { fromRound: 1, films: ['box'], quorum },
        { fromRound: 2, films: ['box', 'image', 'none'] },
      ],
    });
    takes(plan(9, median, stages(5)));
    refuse(plan(9, median, stages(4)), 'at least 5, not 4');
  });

  it('refuses a field that its rule or optimiser does not have, and numbers out of range', () => {
    const wrong = [
      { robust: { rule: 'median' } },
      { robust: { rule: 'median', hostile: 1, keep: 1 } },
      { robust: { rule: 'bulyan', hostile: 1 } },
      { robust: { rule: 'krum', hostile: 0 } },
      { server: { optimizer: 'fedavgm', learningRate: 1, momentum: 1 } },
      { server: { optimizer: 'fedadam', learningRate: 0, beta1: 0.9, beta2: 0.99, tau: 0.001 } },
      { server: { optimizer: 'fedadagrad', learningRate: 1, beta1: 0, beta2: 0.9, tau: 0.001 } },
      { normBound: 0 },
    ];
    for (const aggregation of wrong) refuse(plan(9, aggregation as Partial<AggregationPlan>), 'aggregation.');
  });

  it('takes SCAFFOLD with plain means in fp32 and SGD, and with nothing else', () => {
    const sgd = { ...samplePlan.training.optimizer, kind: 'sgd' } as const;
    const scaffold = { optimizer: sgd, drift: { method: 'scaffold' } } as const;
    takes(plan(9, { server: { optimizer: 'fedavgm', learningRate: 1, momentum: 0 } }, scaffold));
    const refusals: [StudyPlan, string][] = [
      [plan(9, {}, { drift: { method: 'scaffold' } }), 'Adam'],
      [plan(9, { robust: { rule: 'median', hostile: 1 } }, scaffold), 'no robust rule'],
      [plan(9, { normBound: 1 }, scaffold), 'no robust rule'],
      [plan(9, {}, { ...scaffold, norms: 'local' }), 'norms that stay'],
    ];
    const plainTransfer = { scales: 'tensor', rounding: 'nearest', errorFeedback: false } as const;
    refusals.push([plan(9, {}, scaffold, { transfer: { update: 'int8', ...plainTransfer } }), 'fp32 alone']);
    refusals.push([
      plan(9, {}, scaffold, { transfer: { update: 'fp32', ...plainTransfer, clipNorm: 1 } }),
      'shortened',
    ]);
    for (const [value, why] of refusals) refuse(value, why);
  });

  it('refuses updates that are sent only to be refused, and frozen norms that stay local', () => {
    const transfer = { update: 'fp32', scales: 'tensor', rounding: 'nearest', errorFeedback: false } as const;
    refuse(plan(9, {}, {}, { transfer: { ...transfer, clipNorm: 5, maxNorm: 4 } }), 'transfer.clipNorm');
    takes(plan(9, {}, {}, { transfer: { ...transfer, clipNorm: 4, maxNorm: 4 } }));
    // Rounding comes after the clip and may lengthen what was clipped.
    const rounded = { ...transfer, update: 'int8', clipNorm: 1 } as const;
    takes(plan(9, {}, {}, { transfer: { ...rounded, maxNorm: 4 } }));
    refuse(plan(9, {}, {}, { transfer: { ...rounded, maxNorm: 3.9 } }), 'a norm up to 4 are sent');
    refuse(plan(9, {}, {}, { transfer: { ...rounded, errorFeedback: true } }), 'error feedback');
    const frozen = { model: { ...samplePlan.model, norm: 'frozen' as const } };
    refuse(plan(9, {}, { norms: 'local' }, frozen), 'training.norms');
    takes(plan(9, {}, { norms: 'local' }));
  });

  it('takes FedProx with a μ above 0', () => {
    takes(plan(9, {}, { drift: { method: 'fedprox', mu: 0.01 } }));
    refuse(plan(9, {}, { drift: { method: 'fedprox', mu: 0 } }), 'training.drift.mu');
  });
});
