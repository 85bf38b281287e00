import { join } from 'node:path';
import { expect } from 'chai';
import { scoresSuppressedBelow, sitePolicy } from '@fedoxnet/site-agent/agent/policy';
import { requireStage } from '@fedoxnet/site-agent/agent/stage-gate';
import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { rejection } from '../../support/rejection.js';
import { filmRecord } from '../data/support/film-record.js';
import { scratchFolder } from './support/scratch.js';

describe('the stage of a plan, at a site', () => {
  const scratch = scratchFolder();
  beforeEach(async () => {
    await writeCatalogue(scratch(), {
      version: 1,
      source: 'test',
      classes: ['Mass', 'Edema'],
      films: [
        filmRecord('labelled', { readings: { Mass: { supervision: 'image', present: 1 } } }),
        // Boxed, but for a class that the plan does not have; and boxed, but held out.
        filmRecord('other', { readings: { Edema: { supervision: 'box' } } }),
        filmRecord('held-out', { readings: { Mass: { supervision: 'box' } }, split: 'val' }),
      ],
    });
  });

  const { training } = smallPlan();
  const plan = smallPlan({
    training: {
      ...training,
      stages: [
        { fromRound: 1, films: ['box'] },
        { fromRound: 2, films: ['box', 'image'] },
      ],
    },
  });

  it('makes it wait while none of its training films teach the plan’s classes', async () => {
    const refused = await rejection(requireStage(plan, 1, scratch()));
    expect(refused.code).to.equal('STAGE_NOT_REACHED');
    expect(refused.message).to.contain('it waits for round 2');
  });

  it('lets it train when they do, and where the plan has no stages', async () => {
    await requireStage(plan, 2, scratch());
    await requireStage(smallPlan(), 1, join(scratch(), 'nowhere'));
  });
});

describe('the site’s word on small counts', () => {
  it('is the plan’s, five when it says nothing, or the stricter one of the policy', () => {
    const of = (plan: number | undefined, policy?: number) => {
      const evaluation = { ious: [0.4], ...(plan === undefined ? {} : { suppressBelow: plan }) };
      const census = policy === undefined ? {} : { census: { share: false, suppressBelow: policy } };
      return scoresSuppressedBelow(sitePolicy.parse(census), { evaluation });
    };
    expect([of(undefined), of(1), of(3, 10), of(10, 3)]).to.deep.equal([5, 1, 10, 10]);
  });
});
