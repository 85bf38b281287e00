import { mergePlan } from '#simulate/experiment/merge-plan';
import { FederationError } from '@fedoxnet/shared/errors';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const FRAME = { study: 'trial', title: 'A trial', sites: ['a', 'b'], seed: 9 };

describe('plan of a run', () => {
  it('lays parts over the preset field by field, the later one last', () => {
    const plan = mergePlan(
      FRAME,
      ['Mass', 'Effusion'],
      [
        { rounds: 4, model: { size: 64, levels: [3, 5] }, training: { losses: { soft: 0.5 } } },
        { training: { losses: { soft: 0.25 }, localSteps: 3 }, classes: ['Mass'] },
      ],
    );
    expect(plan).to.deep.include({
      study: 'trial',
      sites: ['a', 'b'],
      quorum: 2,
      rounds: 4,
      classes: ['Mass'],
    });
    expect(plan.model).to.deep.include({ size: 64, levels: [3, 5], seed: 9, norm: 'group' });
    expect(plan.training.localSteps).to.equal(3);
    expect(plan.training.losses).to.deep.include({ soft: 0.25, focal: 1 });
  });

  it('decides sites, quorum and seed itself', () => {
    const plan = mergePlan(FRAME, ['Mass'], [{ sites: ['x'], quorum: 5, model: { seed: 1 } }]);
    expect([plan.sites, plan.quorum, plan.model.seed]).to.deep.equal([['a', 'b'], 2, 9]);
  });

  it('removes a field that a part sets to null', () => {
    const plan = mergePlan(
      FRAME,
      ['Mass'],
      [{ training: { optimizer: { epsilon: 1e-6 } } }, { training: { optimizer: { epsilon: null } } }],
    );
    expect(plan.training.optimizer).not.to.have.property('epsilon');
  });

  it('is refused where it is no plan', () => {
    expect(() => mergePlan(FRAME, ['Mass'], [{ model: { size: 65 } }]))
      .to.throw(FederationError, /model\.size/)
      .with.property('code', 'PLAN_INVALID');
    expect(() => mergePlan(FRAME, ['Mass'], [{ bogus: 1 }])).to.throw(FederationError, /bogus/);
  });
});
